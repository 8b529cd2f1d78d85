"""The website's endpoints: profile, registration code, linked players. Bearer token, no session."""

from typing import TYPE_CHECKING

from bridge.sandbox.spacemolt.rules.log import entry_view
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.website import Account
from bridge.sandbox.spacemolt.views.people import player_view
from bridge.sandbox.spacemolt.views.ships import ship_view
from bridge.sandbox.spacemolt.wire.desk import Answer

if TYPE_CHECKING:
    from bridge.sandbox.spacemolt.world import SpaceMolt

_BEARER = "bearer "


class Site:
    """What a website account can see and do."""

    def __init__(self, world: "SpaceMolt") -> None:
        self._universe = world.game.universe

    def me(self, authorization: str) -> Answer:
        """Describe the account."""
        account = self._account(authorization)
        if account is None:
            return _unauthorized()
        name = account.id.removeprefix("user_")
        return Answer(
            content={
                "clerk_id": account.id,
                "email": f"{name}@example.com",
                "username": name,
            }
        )

    def code(self, authorization: str) -> Answer:
        """Return the registration code and the players that belong to the account."""
        account = self._account(authorization)
        if account is None:
            return _unauthorized()
        return Answer(
            content={
                "registration_code": account.code,
                "players": [
                    {
                        "player_id": player.id,
                        "username": player.username,
                        "claimed_at": player.claimed_at,
                    }
                    for player in self._players(account)
                ],
            }
        )

    def rotate(self, authorization: str) -> Answer:
        """Replace the registration code."""
        if self._account(authorization) is None:
            return _unauthorized()
        token = authorization[len(_BEARER) :]
        account = self._universe.website.rotate(token, self._universe.new_id()[:12])
        return Answer(
            content={
                "registration_code": account.code,
                "message": "The code is replaced. The old one is no longer valid.",
            }
        )

    def player(self, authorization: str, player_id: str) -> Answer:
        """Describe a linked player."""
        player = self._linked(authorization, player_id)
        if isinstance(player, Answer):
            return player
        ship = self._universe.ship_of(player)
        return Answer(content={"player": player_view(player), "ship": ship_view(ship, player)})

    def log(self, authorization: str, player_id: str) -> Answer:
        """Return the captain's log of a linked player."""
        player = self._linked(authorization, player_id)
        if isinstance(player, Answer):
            return player
        entries = [entry_view(player, index) for index in range(len(player.log))]
        return Answer(content={"entries": entries, "total_count": len(entries)})

    def reset_password(self, authorization: str, player_id: str) -> Answer:
        """Give a linked player a new password; the old one is worth nothing at once."""
        player = self._linked(authorization, player_id)
        if isinstance(player, Answer):
            return player
        player.password = self._universe.new_password()
        return Answer(
            content={
                "success": True,
                "username": player.username,
                "password": player.password,
            }
        )

    def _account(self, authorization: str) -> Account | None:
        token = authorization[len(_BEARER) :].strip()
        if not authorization.casefold().startswith(_BEARER) or not token:
            return None
        return self._universe.website.account(token)

    def _players(self, account: Account) -> list[Player]:
        players = self._universe.players.values()
        return [player for player in players if player.registration_code in account.codes]

    def _linked(self, authorization: str, player_id: str) -> Player | Answer:
        account = self._account(authorization)
        if account is None:
            return _unauthorized()
        for player in self._players(account):
            if player.id == player_id:
                return player
        message = "No such player is linked to your account."
        return Answer(content={"error": "not_found", "message": message}, status=404)


def _unauthorized() -> Answer:
    message = "Send the website's token as Authorization: Bearer TOKEN."
    return Answer(content={"error": "unauthorized", "message": message}, status=401)
