"""The password policy of the server, and hashes that look like its own."""

import base64
import hashlib
import itertools

MINIMUM, MAXIMUM = 12, 128
_RUN = 3  # neighbouring characters that may not ascend or descend together
_REPEATS = 3  # a character may stand so often in a row, and not once more
_COMMON = frozenset(
    {
        "password",
        "passwordpassword",
        "password1234",
        "administrator",
        "welcome",
        "welcomewelcome",
        "letmeinletmein",
        "qwertyqwerty",
        "qwertyuiop",
        "iloveyou",
        "iloveyouforever",
        "changeme",
        "changemenow!",
        "trustno1trustno1",
        "dragondragon",
        "monkeymonkey",
        "sunshine",
        "football",
    }
)
_UNSWAPPED = str.maketrans("013457@$", "oieastas")


def faults_of(password: str) -> list[str]:
    """Return every rule that the password breaks, each as a sentence."""
    faults = []
    if len(password) < MINIMUM:
        faults.append(
            f"A password needs at least {MINIMUM} characters, and this one has {len(password)}."
        )
    if len(password) > MAXIMUM:
        faults.append(f"A password may have at most {MAXIMUM} characters.")
    if _is_common(password):
        faults.append("That password is common: many people use it.")
    if _has_sequence(password):
        faults.append("Three characters of the password are sequential.")
    if _has_repeats(password):
        faults.append("One character may not repeat so often in a row.")
    return faults


def hashed(password: str, salt: str) -> str:
    """Return a hash in the shape of bcrypt's; only the first 72 bytes of the password count.

    It is not bcrypt, which would slow every test down. A NUL byte raises ValueError, as there.
    """
    raw = password.encode("utf-8", "surrogatepass")
    if b"\x00" in raw:
        raise ValueError("a password may not contain a NUL byte")
    digest = hashlib.sha512(salt.encode() + raw[:72]).digest()
    text = base64.b64encode(digest, altchars=b"./").decode()
    return f"$2b$12${salt[:22]:.<22}{text[:31]}"


def matches(password: str, known: str) -> bool:
    """Say whether this is the password behind a hash."""
    salt = known[7:29].rstrip(".")
    return "\x00" not in password and hashed(password, salt) == known


def _is_common(password: str) -> bool:
    plain = password.lower()
    return plain in _COMMON or plain.translate(_UNSWAPPED) in _COMMON


def _has_sequence(password: str) -> bool:
    steps = [ord(b) - ord(a) for a, b in itertools.pairwise(password)]
    return any(
        steps[i : i + _RUN - 1] in ([1] * (_RUN - 1), [-1] * (_RUN - 1)) for i in range(len(steps))
    )


def _has_repeats(password: str) -> bool:
    return any(
        len(set(password[i : i + _REPEATS + 1])) == 1 for i in range(len(password) - _REPEATS)
    )
