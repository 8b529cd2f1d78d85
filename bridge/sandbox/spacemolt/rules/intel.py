"""What a faction knows: its shared map, and its book of prices."""

from bridge.sandbox.spacemolt.rules.standing import facility_here, own_faction
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.society import Faction
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MOST_STATIONS = 20
SEARCH_LEVEL = 2

handlers = Handlers()


@handlers("faction_submit_intel")
def faction_submit_intel(turn: Turn) -> JsonObject:
    """Add systems to the map, exactly as they were sent."""
    faction = own_faction(turn)
    facility_here(turn, faction, "intel", anywhere=True)
    reports = turn.arguments.objects("systems")
    for report in _checked(reports, ("system_id", "name")):
        pois = report.get("pois") or []
        faction.intel[report["system_id"]] = {
            "police_level": 0,
            **report,
            "pois": pois,
            **_stamp(turn),
        }
    return {"status": "ok", "count": len(reports), "message": f"{len(reports)} systems noted."}


@handlers("faction_submit_trade_intel")
def faction_submit_trade_intel(turn: Turn) -> JsonObject:
    """Add prices to the book, exactly as they were sent."""
    faction = own_faction(turn)
    facility_here(turn, faction, "trade_intel", anywhere=True)
    reports = turn.arguments.objects("stations")
    if len(reports) > MOST_STATIONS:
        raise GameError("invalid_payload", f"At most {MOST_STATIONS} stations at once.")
    for report in _checked(reports, ("base_id",)):
        base = turn.universe.galaxy.bases.get(report["base_id"])
        faction.trade_intel[report["base_id"]] = {
            "station_name": base.name if base else report["base_id"],
            "system_id": base.system_id if base else "",
            **report,
            "items": report.get("items") or [],
            **_stamp(turn),
        }
    return {
        "status": "ok",
        "stations_updated": len(reports),
        "message": f"{len(reports)} stations noted.",
    }


def _checked(reports: list[JsonObject], keys: tuple[str, ...]) -> list[JsonObject]:
    if not reports:
        raise GameError("empty_entry", "There is nothing in the report.")
    for position, report in enumerate(reports):
        for key in keys:
            if not isinstance(report.get(key), str):
                raise GameError("empty_entry", f"Entry {position}: '{key}' is required.")
    return reports


def _stamp(turn: Turn) -> JsonObject:
    return {
        "submitted_by": turn.player.id,
        "submitter_name": turn.player.username,
        "submitted_at_tick": turn.universe.tick,
    }


def _source(turn: Turn) -> Faction:
    own = own_faction(turn)
    wanted = turn.text("source_faction_id")
    if not wanted:
        return own
    source = turn.universe.society.find_faction(wanted)
    if source.id != own.id and (source.id not in own.allies or source.ally_intel_opt_out):
        raise GameError("no_permission", f"{source.name} does not share what it knows with you.")
    return source


def _search(turn: Turn, level: int, names: tuple[str, ...]) -> None:
    if level < SEARCH_LEVEL and any(name in turn.arguments for name in names):
        raise GameError("no_facility", f"Searching by {', '.join(names)} takes level 2.")


@handlers("faction_query_intel")
def faction_query_intel(turn: Turn) -> JsonObject:
    """Search the map."""
    source = _source(turn)
    level = facility_here(turn, own_faction(turn), "intel", anywhere=True)
    _search(turn, level, ("resource_type", "poi_type"))
    found = [entry for entry in source.intel.values() if _on_map(turn, entry)]
    limit, offset = turn.number("limit", 50), turn.number("offset")
    shown = found[offset : offset + limit]
    return {
        "entries": shown,
        "count": len(shown),
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "intel_level": level,
        "message": f"{len(found)} systems match.",
    }


def _on_map(turn: Turn, entry: JsonObject) -> bool:
    places = entry["pois"]
    resources = {r.get("resource_id") for p in places for r in p.get("resources") or []}
    kinds = {place.get("type") for place in places}
    return all(
        (
            turn.text("system_id") in ("", entry["system_id"]),
            turn.text("system_name").casefold() in str(entry["name"]).casefold(),
            turn.text("poi_type") in ("", *kinds),
            turn.text("resource_type") in ("", *resources),
        )
    )


@handlers("faction_query_trade_intel")
def faction_query_trade_intel(turn: Turn) -> JsonObject:
    """Search the book of prices."""
    source = _source(turn)
    level = facility_here(turn, own_faction(turn), "trade_intel", anywhere=True)
    _search(turn, level, ("item_id",))
    found = [entry for entry in source.trade_intel.values() if _in_book(turn, entry)]
    limit, offset = turn.number("limit", 20), turn.number("offset")
    shown = found[offset : offset + limit]
    return {
        "entries": shown,
        "showing": len(shown),
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "intel_level": level,
    }


def _in_book(turn: Turn, entry: JsonObject) -> bool:
    goods = {item.get("item_id") for item in entry["items"]}
    return all(
        (
            turn.text("base_id") in ("", entry["base_id"]),
            turn.text("station_name").casefold() in str(entry["station_name"]).casefold(),
            turn.text("item_id") in ("", *goods),
        )
    )


@handlers("faction_intel_status")
def faction_intel_status(turn: Turn) -> JsonObject:
    """Tell how much of the galaxy the map covers."""
    faction = own_faction(turn)
    level = facility_here(turn, faction, "intel", anywhere=True)
    total = len(turn.universe.galaxy.systems)
    known = [key for key in faction.intel if key in turn.universe.galaxy.systems]
    return {
        "intel_level": level,
        "systems_known": len(faction.intel),
        "pois_known": sum(len(entry["pois"]) for entry in faction.intel.values()),
        "total_systems": total,
        "coverage_pct": round(100 * len(known) / total, 1),
        **_contributors(list(faction.intel.values())),
    }


@handlers("faction_trade_intel_status")
def faction_trade_intel_status(turn: Turn) -> JsonObject:
    """Tell how much of the markets the book covers."""
    faction = own_faction(turn)
    level = facility_here(turn, faction, "trade_intel", anywhere=True)
    total, entries = len(turn.universe.galaxy.bases), list(faction.trade_intel.values())
    goods = {item.get("item_id") for entry in entries for item in entry["items"]}
    return {
        "intel_level": level,
        "stations_known": len(entries),
        "items_tracked": len(goods),
        "total_stations": total,
        "coverage_pct": round(100 * len(entries) / total, 1),
        **_contributors(entries),
    }


def _contributors(entries: list[JsonObject]) -> JsonObject:
    if not entries:
        return {"contributors": 0}
    names = [entry["submitter_name"] for entry in entries]
    top = max(sorted(set(names)), key=names.count)
    return {
        "contributors": len(set(names)),
        "top_contributor": top,
        "top_contributions": names.count(top),
        "most_recent_tick": max(entry["submitted_at_tick"] for entry in entries),
    }
