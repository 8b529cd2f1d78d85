"""Making things by recipes, in batches that grow with the skill."""

from collections import Counter

from bridge.sandbox.spacemolt.rules.settlement import deliver, withdraw
from bridge.sandbox.spacemolt.rules.standing import facility_here, faction_with
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import Recipe, items, recipes
from bridge.sandbox.spacemolt.turn import Handlers, Turn

XP_PER_BATCH = 5
FIRST_BATCH_LIMIT = 10

handlers = Handlers()


@handlers("craft")
def craft(turn: Turn) -> JsonObject:
    """Make something; materials come from the hold first, then from storage."""
    turn.base_with("crafting")
    recipe = _find(turn)
    level = turn.player.level("crafting")
    limit = FIRST_BATCH_LIMIT + level
    batches = min(max(1, turn.number("quantity", 1)), limit)
    if turn.text("deliver_to") == "faction":
        return _craft_for_faction(turn, recipe, batches)
    stored = turn.universe.locker(turn.player).items
    _check_materials(turn.ship.cargo + stored, recipe, batches)
    from_storage = Counter[str]()
    for item_id, each in recipe.needs.items():
        from_storage[item_id] += withdraw(turn, item_id, each * batches)[1]
    to_storage = Counter[str]()
    for item_id, each in recipe.makes.items():
        direct = turn.text("deliver_to") == "storage"
        to_storage[item_id] += deliver(turn, item_id, each * batches, to_storage=direct)[1]
    return _answer(turn, recipe, batches) | {
        "from_storage": _goods(from_storage),
        "to_storage": _goods(to_storage),
    }


def _find(turn: Turn) -> Recipe:
    recipe = recipes().get(turn.text("recipe_id"))
    if recipe is None:
        raise GameError(
            "invalid_recipe",
            f"There is no recipe '{turn.text('recipe_id')}'. See catalog(type=recipes).",
        )
    if turn.player.level("crafting") < recipe.skill:
        raise GameError("skill_too_low", f"{recipe.name} takes crafting level {recipe.skill}.")
    return recipe


def _craft_for_faction(turn: Turn, recipe: Recipe, batches: int) -> JsonObject:
    faction = faction_with(turn, "manage_treasury")
    facility_here(turn, faction, "workshop")
    locker = turn.universe.lockers.at(turn.base.id, faction.id)
    _check_materials(locker.items, recipe, batches)
    used = {item_id: each * batches for item_id, each in recipe.needs.items()}
    made = {item_id: each * batches for item_id, each in recipe.makes.items()}
    for item_id, quantity in used.items():
        locker.take(item_id, quantity)
    for item_id, quantity in made.items():
        locker.put(item_id, quantity)
    return _answer(turn, recipe, batches) | {
        "from_faction_storage": _goods(used),
        "to_faction_storage": _goods(made),
    }


def _check_materials(at_hand: Counter[str], recipe: Recipe, batches: int) -> None:
    missing = [
        {
            "item_id": item_id,
            "item_name": items()[item_id].name,
            "need": each * batches,
            "have": at_hand[item_id],
        }
        for item_id, each in recipe.needs.items()
        if at_hand[item_id] < each * batches
    ]
    if missing:
        names = ", ".join(f"{m['need']} {m['item_name']} (have {m['have']})" for m in missing)
        raise GameError("missing_materials", f"That takes {names}.", details=missing)


def _answer(turn: Turn, recipe: Recipe, batches: int) -> JsonObject:
    xp = XP_PER_BATCH * batches
    skill = "refining" if recipe.category == "refining" else "crafting"
    gained = {skill: xp} | ({"crafting": xp} if skill != "crafting" else {})
    risen = [
        name for name, amount in gained.items() if turn.universe.teach(turn.player, name, amount)
    ]
    made = sum(recipe.makes.values()) * batches
    turn.player.stats["items_crafted"] += made
    data: JsonObject = {"recipe_id": recipe.id, "batches": batches}
    turn.universe.record(turn.player, "crafting", "craft", f"Made {recipe.name}", data)
    return {
        "action": "craft",
        "recipe": recipe.name,
        "quantity": batches,
        "outputs": _goods({key: each * batches for key, each in recipe.makes.items()}),
        "skill_level": turn.player.level("crafting"),
        "xp_gained": gained,
        "level_up": bool(risen),
        "leveled_up_skills": risen,
        "message": f"{recipe.name}: {batches} batches.",
    }


def _goods(goods: dict[str, int]) -> list[JsonObject]:
    return [
        {"item_id": item_id, "name": items()[item_id].name, "quantity": quantity}
        for item_id, quantity in goods.items()
        if quantity
    ]
