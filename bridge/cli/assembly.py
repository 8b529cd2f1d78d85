"""Where the parts are put together: settings, specs, vault and journal become a gateway."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import platformdirs

from bridge.cli import worlds
from bridge.credentials import EnvironmentVault, MemoryVault, Secrets, Vault
from bridge.errors import SettingsError
from bridge.gateway.addresses import ways
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.keyring_vault import KeyringVault
from bridge.settings import Settings
from bridge.settings_sources import Words, from_environment, from_file, from_flags, settle
from bridge.spec.loader import game_ids, load_game, spec_folder
from bridge.spec.model import GameSpec

NAME: Final = "game-bridge"
JOURNAL: Final = "events.sqlite3"
DEFAULT_TICK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the player has chosen, and the games that come of it."""

    settings: Settings
    specs: Mapping[str, GameSpec]
    """The enabled games, by id."""
    secrets: Secrets
    tick: float
    """Seconds; of the simulated SpaceMolt."""


def choose(
    flags: Mapping[str, object],
    environment: Mapping[str, str] = os.environ,
    *,
    every_game: bool = False,
) -> Chosen:
    """Return what flags, environment and settings file say.

    With ``every_game``, whatever is enabled. Raises SettingsError naming the flag, the variable or
    the file that is wrong; SpecError.
    """
    folders = spec_folders(flags, environment)
    known = {game: folder for folder in folders for game in game_ids(folder)}
    words = _words(flags, environment, known)
    state = platformdirs.user_state_path(NAME, appauthor=False)
    settings = settle(words, list(known), state_folder=state)
    if flags.get("sandbox"):
        settings = _simulated(settings, words, known)
    if every_game:
        settings = replace(settings, games=tuple(known))
    specs = {game: load_game(known[game], game) for game in settings.games}
    _check_toolsets(words, specs)
    for spec in specs.values():
        ways(spec, settings)
    return Chosen(
        settings=settings,
        specs=specs,
        secrets=Secrets(is_secret=_Secrecy(specs)),
        tick=float(str(flags.get("tick") or DEFAULT_TICK_SECONDS)),
    )


def settings_file(flags: Mapping[str, object], environment: Mapping[str, str]) -> Path:
    """Return where the settings file is, or would be."""
    named = flags.get("config") or environment.get("GAME_BRIDGE_CONFIG")
    if named:
        return Path(str(named)).expanduser()
    return platformdirs.user_config_path(NAME, appauthor=False) / "settings.toml"


def spec_folders(flags: Mapping[str, object], environment: Mapping[str, str]) -> list[Path]:
    """Return the folders that hold games, the built-in one last.

    Raises SettingsError when the one that was named is no folder.
    """
    named = flags.get("specs") or environment.get("GAME_BRIDGE_SPECS")
    if not named:
        return [spec_folder()]
    folder = Path(str(named)).expanduser()
    if not folder.is_dir():
        origin = "--specs" if flags.get("specs") else "GAME_BRIDGE_SPECS"
        raise SettingsError(f"{origin}: {folder} is no folder.")
    return [spec_folder(), folder]


def vault_of(secrets: Secrets, environment: Mapping[str, str] = os.environ) -> Vault:
    """Return the vault of the user: environment variables, then the keyring."""
    return EnvironmentVault(KeyringVault(secrets), secrets, environment)


def gateway_of(chosen: Chosen, vault: Vault, journal: Journal) -> Gateway:
    """Return the gateway of what was chosen; it has yet to be run."""
    return Gateway(specs=chosen.specs, settings=chosen.settings, vault=vault, journal=journal)


def idle_gateway(settings: Settings, specs: Mapping[str, GameSpec]) -> Gateway:
    """Return a gateway that is only looked at: what it would offer, and under which names."""
    journal = Journal(settings.state_folder / JOURNAL)
    return Gateway(specs=specs, settings=settings, vault=MemoryVault(Secrets()), journal=journal)


@asynccontextmanager
async def at_play(chosen: Chosen) -> AsyncIterator[Gateway]:
    """Yield the gateway, which has yet to be run, with everything around it in place.

    In a sandbox that is the simulated games, a vault in memory and a state folder that is thrown
    away.
    """
    async with AsyncExitStack() as stack:
        vault = vault_of(chosen.secrets)
        if chosen.settings.sandbox:
            urls = await stack.enter_async_context(
                worlds.running(chosen.settings.games, tick=chosen.tick)
            )
            state = chosen.settings.state_folder
            if state == Path():
                state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{NAME}-")))
            chosen = replace(
                chosen, settings=replace(chosen.settings, urls=urls, state_folder=state)
            )
            vault = MemoryVault(chosen.secrets)
            worlds.hold_keys(vault, chosen.settings)
        journal = Journal(chosen.settings.state_folder / JOURNAL)
        await stack.enter_async_context(journal)
        yield gateway_of(chosen, vault, journal)


def _words(
    flags: Mapping[str, object], environment: Mapping[str, str], known: Mapping[str, Path]
) -> Words:
    said = from_flags(flags)
    around = from_environment(environment, known)
    stored = from_file(
        settings_file(flags, environment),
        must_exist=bool(flags.get("config") or environment.get("GAME_BRIDGE_CONFIG")),
    )
    if flags.get("sandbox"):
        # Addresses and accounts of the real games have no place in the sandbox.
        given = next((word for key, word in said.items() if key.startswith("urls.")), None)
        if given is not None:
            raise SettingsError(f"{given.origin} and --sandbox exclude each other.")
        own = ("urls.", "via.", "accounts.")
        around = {key: word for key, word in around.items() if not key.startswith(own)}
        stored = {key: word for key, word in stored.items() if not key.startswith(own)}
    return {**stored, **around, **said}


def _simulated(settings: Settings, words: Words, known: Mapping[str, Path]) -> Settings:
    named = settings.games if "games" in words else ()
    return replace(
        settings,
        games=tuple(worlds.simulated(named or list(known), named=named)),
        sandbox=True,
        unpaced=frozenset({"spacemolt"}),
        state_folder=settings.state_folder if "state" in words else Path(),
    )


def _check_toolsets(words: Words, specs: Mapping[str, GameSpec]) -> None:
    for key, extra in (("toolsets", "all"), ("allow", "admin")):
        word = words.get(key)
        for item in word.value if word and isinstance(word.value, tuple) else ():
            game, _, toolset = item.partition(":")
            if game in specs and toolset not in (*specs[game].toolsets, extra):
                there = ", ".join(specs[game].toolsets)
                origin = word.origin if word else key
                raise SettingsError(f"{origin}: {game} has no toolset {toolset!r}. It has {there}.")


@dataclass(frozen=True, slots=True)
class _Secrecy:
    """Tells by the specs which slots are secret; what is not declared is."""

    specs: Mapping[str, GameSpec]

    def __call__(self, game: str, slot: str) -> bool:
        credential = self.specs[game].credentials.get(slot) if game in self.specs else None
        return credential is None or credential.secret
