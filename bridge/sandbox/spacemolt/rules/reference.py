"""What the game tells about itself: the catalogue, versions, empires."""

from collections.abc import Callable, Sequence
from typing import Any

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import (
    Item,
    Recipe,
    ShipClass,
    Skill,
    items,
    module_types,
    recipes,
    ship_classes,
    skills,
)
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import class_view

handlers = Handlers()


@handlers("catalog")
def catalog(turn: Turn) -> JsonObject:
    """Look something up, page by page."""
    kind = turn.text("type")
    entries = [view for view in _ENTRIES[kind]() if _wanted(turn, view)]
    if turn.arguments.flag("commissionable"):
        base = turn.base_with("shipyard")
        entries = [e for e in entries if e.get("faction", base.empire) in ("", base.empire)]
    wanted = turn.text("id")
    if wanted and not entries:
        raise GameError("not_found", f"There is no '{wanted}' among the {kind}.")
    size = max(1, min(turn.number("page_size", 20), 50))
    page = max(1, turn.number("page", 1))
    shown = entries[(page - 1) * size : page * size]
    answer: JsonObject = {
        "type": kind,
        "items": shown,
        "page": page,
        "page_size": size,
        "total": len(entries),
        "total_pages": -(-len(entries) // size),
        "message": f"{len(entries)} {kind}.",
    }
    return answer | ({"recipes": shown} if kind == "recipes" else {})


def _wanted(turn: Turn, view: JsonObject) -> bool:
    search = turn.text("search").casefold()
    haystack = f"{view['id']} {view['name']} {view.get('description', '')} {view.get('class', '')}"
    category = turn.text("category").casefold()
    ship_filters = (
        ("class", "class", str.casefold),
        ("empire", "faction", lambda name: _EMPIRE_NAMES.get(name, name)),
    )
    return all(
        (
            not turn.text("id") or view["id"] == turn.text("id"),
            not category or str(view.get("category", "")).casefold() == category,
            not search or search in haystack.casefold(),
            "tier" not in turn.arguments or view.get("tier") == turn.number("tier"),
            *(
                not turn.text(param)
                or str(view.get(field, "")).casefold() == same(turn.text(param))
                for param, field, same in ship_filters
            ),
        )
    )


# The catalogue calls three of the empires by longer names than the rest of the game.
_EMPIRE_NAMES = {"crimson_fleet": "crimson", "nebula_collective": "nebula", "outer_rim": "outerrim"}


def item_view(item: Item) -> JsonObject:
    """Describe an item, and what it does when it is a module."""
    view: JsonObject = {
        "id": item.id,
        "name": item.name,
        "category": item.category,
        "description": item.about,
        "size": item.size,
        "base_value": item.value,
    }
    kind = module_types().get(item.id)
    if kind:
        view |= {"slot": kind.slot, "cpu_usage": kind.cpu, "power_usage": kind.power}
        view |= kind.effects
    return view


def recipe_view(recipe: Recipe) -> JsonObject:
    """Describe a recipe."""
    return {
        "id": recipe.id,
        "name": recipe.name,
        "category": recipe.category,
        "description": f"{recipe.about} Takes crafting level {recipe.skill}.",
        "crafting_time": recipe.time,
        "inputs": [{"item_id": k, "quantity": v} for k, v in recipe.needs.items()],
        "outputs": [{"item_id": k, "quantity": v} for k, v in recipe.makes.items()],
    }


def skill_view(skill: Skill) -> JsonObject:
    """Describe a skill."""
    return {
        "id": skill.id,
        "name": skill.name,
        "category": skill.category,
        "description": f"{skill.name} grows by use, from 0 to 100.",
        "max_level": 100,
    }


def _views(things: Callable[[], Any], view: Callable[[Any], JsonObject]) -> list[JsonObject]:
    return [view(thing) for thing in things().values()]


_ENTRIES: dict[str, Callable[[], list[JsonObject]]] = {
    "ships": lambda: _views(ship_classes, class_view),
    "skills": lambda: _views(skills, skill_view),
    "recipes": lambda: _views(recipes, recipe_view),
    "items": lambda: _views(items, item_view),
}


@handlers("get_version")
def get_version(turn: Turn) -> JsonObject:
    """Tell the version, and page through the release notes."""
    releases: Sequence[JsonObject] = read("releases")["releases"]
    wanted, text = turn.text("id").removeprefix("v"), turn.text("text").casefold()
    found = [
        release
        for release in releases
        if (not wanted or release["version"] == wanted)
        and (not text or text in " ".join(release["notes"]).casefold())
    ]
    count = max(1, min(turn.number("count", 5), 20))
    page = max(1, turn.number("page", 1))
    shown = found[(page - 1) * count : page * count]
    newest = releases[0]
    answer: JsonObject = {
        "version": newest["version"],
        "release_date": newest["date"],
        "notes": newest["notes"],
        "versions": [
            {"version": r["version"], "release_date": r["date"], "notes": r["notes"]} for r in shown
        ],
        "page": page,
        "per_page": count,
        "total": len(found),
        "total_pages": -(-len(found) // count),
        "has_more": page * count < len(found),
    }
    return answer | ({"search_term": text} if text else {})


@handlers("get_empire_info")
def get_empire_info(turn: Turn) -> JsonObject:
    """Show the policy of one empire or of all five."""
    wanted = turn.text("empire_id")
    return {
        "action": "get_empire_info",
        "empires": [
            _policy(key, entry)
            for key, entry in read("empires").items()
            if not wanted or key == wanted
        ],
    }


def _policy(key: str, entry: JsonObject) -> JsonObject:
    citizenship = entry["citizenship"]
    return {
        **read("policy"),
        "empire_id": key,
        "sales_tax_bps": entry["sales_tax"],
        "income_tax_bps": entry["income_tax"],
        "citizenship_open": citizenship["open"],
        "citizenship_exclusive": citizenship["exclusive"],
        "citizenship_auto_approve": citizenship["auto_approve"],
        "citizenship_fee": citizenship["fee"],
        "citizenship_min_balance": citizenship["min_balance"],
        "citizenship_min_reputation": citizenship["min_reputation"],
    }


def ship_class(class_id: str) -> ShipClass:
    """Return a ship class by id; raises GameError with ``invalid_ship_class``."""
    model = ship_classes().get(class_id)
    if model is None:
        raise GameError("invalid_ship_class", f"There is no ship class '{class_id}'.")
    return model
