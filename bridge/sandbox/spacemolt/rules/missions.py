"""Missions: taking them, and being paid for them."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state import progress
from bridge.sandbox.spacemolt.state.places import Base
from bridge.sandbox.spacemolt.state.players import ActiveMission, Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MOST_MISSIONS = 5
FACTION_PREFIX = "faction_"

handlers = Handlers()


@handlers("get_missions")
def get_missions(turn: Turn) -> JsonObject:
    """List what this base has on offer."""
    base = turn.base_with("missions")
    return {
        "base_id": base.id,
        "base_name": base.name,
        "missions": [
            _offer_view(turn.universe, base, key, template)
            for key, template in _on_offer(turn, base).items()
        ],
    }


@handlers("accept_mission")
def accept_mission(turn: Turn) -> JsonObject:
    """Take a mission; its id is that of the offer."""
    base = turn.base_with("missions")
    wanted = turn.text("mission_id")
    offers = _on_offer(turn, base)
    key = next((k for k in offers if wanted in (k, _offer_id(base, k))), None)
    if key is None:
        raise GameError("mission_not_found", f"There is no mission '{wanted}' here.")
    if any(mission.template_id == key for mission in turn.player.missions):
        raise GameError("already_accepted", "You have taken this mission already.")
    if len(turn.player.missions) >= MOST_MISSIONS:
        raise GameError("too_many_missions", f"At most {MOST_MISSIONS} missions at once.")
    template = offers[key]
    mission = ActiveMission(
        id=turn.universe.new_id(),
        template_id=key,
        base_id=base.id,
        accepted_at=turn.universe.timestamp(),
        expires_tick=turn.universe.tick + template["ticks"],
        template=template,
        counts=[0] * len(template["objectives"]),
    )
    turn.player.missions.append(mission)
    turn.player.stats["missions_accepted"] += 1
    return {
        "mission_id": mission.id,
        "template_id": key,
        "title": template["title"],
        "type": template["type"],
        "expires_at": turn.universe.after_ticks(template["ticks"]),
        "message": template["says"].get("accept", "Mission accepted."),
    }


@handlers("complete_mission")
def complete_mission(turn: Turn) -> JsonObject:
    """Hand a mission in; goods to deliver are taken from the hold."""
    mission = _find(turn.player, turn.text("mission_id"))
    for position, objective in enumerate(progress.objectives(mission)):
        _check_done(turn, mission, position, objective)
    for objective in progress.objectives(mission):
        if objective["type"] == progress.DELIVER:
            turn.ship.take_cargo(objective["item_id"], progress.required(objective))
    turn.player.missions.remove(mission)
    turn.player.completed[mission.template_id] = turn.universe.timestamp()
    turn.player.stats["missions_completed"] += 1
    title = mission.template["title"]
    turn.universe.record(turn.player, "mission", "complete", f"Completed {title}", {})
    return {
        "mission_id": mission.id,
        "title": title,
        "message": mission.template["says"].get("complete", "Mission complete."),
        **_reward(turn, mission.template["rewards"]),
    }


def _reward(turn: Turn, rewards: JsonObject) -> JsonObject:
    turn.universe.earn(turn.player, rewards["credits"], taxable="mission")
    if turn.system.empire:
        turn.player.reputation[turn.system.empire] += rewards.get("reputation", 0)
    for item_id, quantity in rewards.get("items", {}).items():
        fits = min(quantity, turn.ship.fits(item_id))
        turn.ship.cargo[item_id] += fits
        turn.universe.locker(turn.player, turn.player.home_base).put(item_id, quantity - fits)
    for skill_id, amount in rewards.get("skill_xp", {}).items():
        turn.universe.teach(turn.player, skill_id, amount)
    return {
        "credits_earned": rewards["credits"],
        "items_received": dict(rewards.get("items", {})),
        "skill_xp_gained": dict(rewards.get("skill_xp", {})),
    }


def _check_done(turn: Turn, mission: ActiveMission, position: int, objective: JsonObject) -> None:
    need = progress.required(objective)
    if objective["type"] == progress.DELIVER:
        target = objective.get("target_base_id") or mission.base_id
        if turn.player.docked_at != target:
            name = turn.universe.galaxy.bases[target].name
            raise GameError("wrong_station", f"Deliver at {name}: dock there first.")
        have = turn.ship.cargo[objective["item_id"]]
    else:
        have = mission.counts[position]
    if have < need:
        raise GameError(
            "mission_incomplete",
            f"{objective_text(objective)}: {have} of {need}.",
            details={"have": have, "need": need},
        )


@handlers("get_active_missions")
def get_active_missions(turn: Turn) -> JsonObject:
    """List the missions under way."""
    return {
        "missions": [active_view(turn.universe, turn.player, m) for m in turn.player.missions],
        "max_missions": MOST_MISSIONS,
        "total_count": len(turn.player.missions),
    }


def active_view(universe: Universe, player: Player, mission: ActiveMission) -> JsonObject:
    """Describe a mission under way, with progress."""
    base, template = universe.galaxy.bases[mission.base_id], mission.template
    objectives = [
        _objective_progress(universe, player, mission, position)
        for position in range(len(mission.counts))
    ]
    done = sum(min(1.0, o["current"] / o["required"]) for o in objectives)
    return {
        "mission_id": mission.id,
        "template_id": mission.template_id,
        "title": template["title"],
        "type": template["type"],
        "description": template["about"],
        "difficulty": template["difficulty"],
        "giver": template["giver"],
        "accepted_at": mission.accepted_at,
        "expires_in_ticks": mission.expires_tick - universe.tick,
        "issuing_base": base.name,
        "issuing_base_id": base.id,
        "issuing_system_id": base.system_id,
        "objectives": objectives,
        "percent_complete": round(100 * done / max(1, len(objectives)), 1),
        "rewards": template["rewards"],
    }


def _objective_progress(
    universe: Universe, player: Player, mission: ActiveMission, position: int
) -> JsonObject:
    objective = progress.objectives(mission)[position]
    held = universe.ship_of(player).cargo[objective.get("item_id", "")]
    current = held if objective["type"] == progress.DELIVER else mission.counts[position]
    need = progress.required(objective)
    return {
        "type": objective["type"],
        "description": objective_text(objective),
        "current": min(current, need),
        "required": need,
        "completed": current >= need,
        "in_cargo": held,
        **{k: objective[k] for k in ("item_id", "system_id") if k in objective},
    }


@handlers("abandon_mission")
def abandon_mission(turn: Turn) -> JsonObject:
    """Give a mission up."""
    mission = _find(turn.player, turn.text("mission_id"))
    turn.player.missions.remove(mission)
    turn.player.stats["missions_abandoned"] += 1
    title = mission.template["title"]
    return {"mission_id": mission.id, "title": title, "message": f"Abandoned {title}."}


@handlers("decline_mission")
def decline_mission(turn: Turn) -> JsonObject:
    """Say no and hear the answer; the mission stays on offer."""
    base = turn.base_with("missions")
    key = turn.text("template_id")
    template = _on_offer(turn, base).get(key)
    if template is None:
        raise GameError("mission_not_found", f"There is no mission '{key}' here.")
    return {
        "template_id": key,
        "title": template["title"],
        "giver": template["giver"],
        "message": template["says"].get("decline", "Another time."),
    }


@handlers("completed_missions")
def completed_missions(turn: Turn) -> JsonObject:
    """List the missions one has finished."""
    known = progress.templates()
    listed = [
        {
            "template_id": key,
            "title": known[key]["title"],
            "type": known[key]["type"],
            "difficulty": known[key]["difficulty"],
            "giver": known[key]["giver"],
            "completion_time": when,
        }
        for key, when in turn.player.completed.items()
        if key in known
    ]
    return {"missions": listed, "total_count": len(listed)}


@handlers("view_completed_mission")
def view_completed_mission(turn: Turn) -> JsonObject:
    """Read a finished mission again, with everything that was said."""
    key = turn.text("template_id")
    template = progress.templates().get(key)
    if template is None or key not in turn.player.completed:
        raise GameError("mission_not_found", f"You have completed no mission '{key}'.")
    return {
        "template_id": key,
        "title": template["title"],
        "type": template["type"],
        "description": template["about"],
        "difficulty": template["difficulty"],
        "giver": template["giver"],
        "dialog": template["says"],
        "objectives": _objectives_view(template),
        "rewards": template["rewards"],
        "repeatable": template["repeatable"],
        "completion_time": turn.player.completed[key],
    }


def objective_text(objective: JsonObject) -> str:
    """Return an objective in words."""
    return str(objective.get("about") or objective.get("description") or objective["type"])


def _find(player: Player, wanted: str) -> ActiveMission:
    for mission in player.missions:
        if wanted in (mission.id, mission.template_id):
            return mission
    raise GameError("mission_not_found", f"You have no mission '{wanted}'.")


def _on_offer(turn: Turn, base: Base) -> JsonObject:
    offers = {
        key: template
        for key, template in progress.templates().items()
        if template["repeatable"] or key not in turn.player.completed
    }
    for faction in turn.universe.society.factions.values():
        for posted in faction.missions.values():
            public = "open_to_all" in posted.template["triggers"]
            if posted.base_id == base.id and (public or turn.player.id in faction.members):
                offers[posted.template_id] = posted.template
    return offers


def _offer_id(base: Base, key: str) -> str:
    return key if key.startswith(FACTION_PREFIX) else f"{base.id}:{key}"


def _offer_view(universe: Universe, base: Base, key: str, template: JsonObject) -> JsonObject:
    return {
        "mission_id": _offer_id(base, key),
        "template_id": key,
        "title": template["title"],
        "type": template["type"],
        "description": template["about"],
        "difficulty": template["difficulty"],
        "expires_in_ticks": template["ticks"],
        "giver": template["giver"],
        "dialog": template["says"],
        "issuing_base": base.name,
        "issuing_base_id": base.id,
        "issuing_system_id": base.system_id,
        "issuing_system_name": universe.galaxy.systems[base.system_id].name,
        "objectives": _objectives_view(template),
        "rewards": template["rewards"],
        "repeatable": template["repeatable"],
    }


def _objectives_view(template: JsonObject) -> list[JsonObject]:
    kept = ("item_id", "quantity", "system_id", "target_base_id")
    return [
        {
            "type": objective["type"],
            "description": objective_text(objective),
            **{key: objective[key] for key in kept if key in objective},
        }
        for objective in template["objectives"]
    ]


def expire(universe: Universe) -> None:
    """Drop the missions whose time is over."""
    for player in universe.players.values():
        player.missions = [m for m in player.missions if m.expires_tick > universe.tick]
