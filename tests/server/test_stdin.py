import os
from collections.abc import Iterator
from dataclasses import dataclass

import anyio
import pytest

from bridge.server.stdin import lines_from
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio


@dataclass
class Pipe:
    """Both ends of a pipe that stands for stdin."""

    stdin: int
    host: int

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.host, data) :]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = Pipe(*os.pipe())
    yield ends
    os.close(ends.stdin)


async def test_lines_come_as_they_are_written_however_they_are_cut(pipe: Pipe) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with lines_from(pipe.stdin) as lines:
            pipe.write(b'{"a"')
            pipe.write(b": 1}\n\nsecond\r\nth")
            got = [await lines.receive() for _ in range(3)]
            pipe.write(b"ird \xff")
            os.close(pipe.host)
            got += [line async for line in lines]

    assert got == ['{"a": 1}', "", "second\r", "third \ufffd"]


async def test_many_lines_wait_until_they_are_wanted(pipe: Pipe) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with lines_from(pipe.stdin) as lines:
            pipe.write(b"".join(b"%d\n" % number for number in range(1_000)))
            os.close(pipe.host)
            got = [line async for line in lines]

    assert got == [str(number) for number in range(1_000)]


async def test_the_rest_of_the_process_finds_nothing_in_stdin_until_it_is_given_back(
    pipe: Pipe,
) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with lines_from(pipe.stdin) as lines:
            meanwhile = os.read(pipe.stdin, 10)
            pipe.write(b"mine\n")
            got = await lines.receive()
            os.close(pipe.host)
            assert [line async for line in lines] == []
    assert (meanwhile, got) == (b"", "mine")
    assert os.fstat(pipe.stdin).st_mode & 0o170000 == 0o010000, "a pipe again"


async def test_leaving_does_not_wait_for_a_host_that_says_nothing(pipe: Pipe) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with lines_from(pipe.stdin):
            pass
    os.close(pipe.host)


async def test_leaving_does_not_wait_for_lines_that_nobody_wants(pipe: Pipe) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with lines_from(pipe.stdin) as lines:
            pipe.write(b"line\n" * 1_000)
            await lines.receive()
    os.close(pipe.host)
