"""What goes on in the world while nobody does anything: players come, talk, fight and go.

Every tick something happens with one chance in four. The demo accounts are left alone, except
that the vitals of the hero, which the GMCP channels show, go up and down a little.
"""

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.game import TICKS_PER_SECOND, Game, session_id
from bridge.sandbox.maid.records import Account, Item, Npc

_SENTENCES = (
    "Has anybody seen the smith?",
    "Wolves in the hollow again.",
    "Selling two flasks, cheap.",
    "Group for the mines?",
    "Good evening, all.",
)
_DEMO = {demo.PLAYER1, demo.PLAYER2, demo.BANNED1}


class Life:
    """Lets time pass in a game, one tick at a time."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._rng = game.rng
        self._fights: list[tuple[Account, Npc]] = []
        self._fallen: list[Npc] = []
        happenings = (
            (self._talk, 8),
            (self._walk, 8),
            (self._come, 3),
            (self._go, 3),
            (self._start_fight, 3),
            (self._hero_changes, 3),
            (self._conjure, 2),
            (self._destroy, 2),
            (self._news, 1),
        )
        self._happenings = [act for act, weight in happenings for _ in range(weight)]

    def tick(self) -> None:
        """Let a quarter of a second's worth of things happen."""
        game = self._game
        game.ticks += 1
        game.last_tick_at = game.now()
        game.hub.emit("tick", {"tick": game.ticks, "delta": 1 / TICKS_PER_SECOND})
        self._fight_on()
        if self._rng.random() < 0.25:
            self._rng.choice(self._happenings)()

    def _others(self, *, online: bool) -> list[Account]:
        now = self._game.now()
        return [
            account
            for account in self._game.accounts.values()
            if account.is_online is online
            and account.username not in _DEMO
            and account.status(now) == "active"
        ]

    def _somebody(self) -> Account | None:
        others = self._others(online=True)
        return self._rng.choice(others) if others else None

    def _command(self, account: Account, text: str) -> None:
        self._game.commands[text.partition(" ")[0]] += 1
        data = {"player_id": account.id, "command": text}
        self._game.hub.emit("player_command", data)

    def _talk(self) -> None:
        speaker = self._somebody()
        if speaker is None:
            return
        message = self._rng.choice(_SENTENCES)
        self._command(speaker, f"say {message}")
        data = {
            "channel": "say",
            "sender_id": speaker.id,
            "sender": speaker.characters[0].name,
            "message": message,
        }
        self._game.hub.emit("chat_message", data)

    def _walk(self) -> None:
        walker = self._somebody()
        if walker is None:
            return
        character = walker.characters[0]
        ways = [way for way in self._game.rooms[character.room_id].exits if not way.is_locked]
        if not ways:
            return
        way = self._rng.choice(ways)
        self._command(walker, way.direction)
        entity = {"entity_id": character.id, "name": character.name, "direction": way.direction}
        self._game.hub.emit("room_leave", {**entity, "room_id": character.room_id})
        character.room_id = way.destination_id
        self._game.hub.emit("room_enter", {**entity, "room_id": character.room_id})

    def _come(self) -> None:
        away = self._others(online=False)
        if not away:
            return
        account = self._rng.choice(away)
        account.is_online = True
        account.last_login = self._game.now()
        data = {"session_id": session_id(account), "player_id": account.id}
        self._game.hub.emit("player_login", data)

    def _go(self) -> None:
        account = self._somebody()
        if account is not None:
            self._game.end_session(account, "quit")

    def _start_fight(self) -> None:
        fighter = self._somebody()
        foes = [npc for npc in self._game.npcs.values() if npc.is_hostile and npc.hp > 0]
        if fighter is None or not foes:
            return
        foe = self._rng.choice(foes)
        foe.room_id = fighter.characters[0].room_id
        self._command(fighter, f"attack {foe.kind}")
        self._game.happened["battles"] += 1
        self._fights.append((fighter, foe))
        data = {
            "attacker_id": fighter.characters[0].id,
            "defender_id": foe.id,
            "room_id": foe.room_id,
        }
        self._game.hub.emit("combat", data)

    def _fight_on(self) -> None:
        for fighter, foe in list(self._fights):
            amount = self._rng.randrange(5, 15)
            foe.hp -= amount
            self._game.happened["total_damage_dealt"] += amount
            data = {"source_id": fighter.characters[0].id, "target_id": foe.id, "amount": amount}
            self._game.hub.emit("damage", data)
            if foe.hp <= 0:
                self._fights = [fight for fight in self._fights if fight[1] is not foe]
                self._fallen.append(foe)
                self._game.happened["mob_kills"] += 1
                self._game.hub.emit("death", {"entity_id": foe.id, "name": foe.name})
                return
        if self._fallen and self._rng.random() < 0.1:
            self._rise(self._fallen.pop(0))

    def _rise(self, npc: Npc) -> None:
        npc.hp = 30
        self._game.hub.emit("respawn", {"entity_id": npc.id, "room_id": npc.room_id})

    def _hero_changes(self) -> None:
        hero = self._game.hero()
        hero.vitals["hp"] = self._rng.randrange(80, 101)
        self._game.hub.update({"Char.Vitals": dict(hero.vitals)})

    def _conjure(self) -> None:
        item = Item(
            id=self._game.new_id(),
            name="Flask",
            kind="potion",
            description="A new flask.",
            room_id=self._rng.choice(list(self._game.rooms)),
            is_takeable=True,
        )
        self._game.items[item.id] = item
        self._game.hub.emit("entity_created", {"entity_id": item.id, "name": item.name})
        component = {"entity_id": item.id, "component": "Takeable"}
        self._game.hub.emit("component_added", component)

    def _destroy(self) -> None:
        if len(self._game.items) <= 60:
            return
        item = self._game.items.pop(self._rng.choice(list(self._game.items)))
        component = {"entity_id": item.id, "component": "Takeable"}
        self._game.hub.emit("component_removed", component)
        self._game.hub.emit("entity_destroyed", {"entity_id": item.id, "name": item.name})

    def _news(self) -> None:
        self._game.hub.emit("world_event", {"name": "A cold wind blows from the moor."})
        self._game.hub.emit("system_message", {"message": "Autosave complete."})
