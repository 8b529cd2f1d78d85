"""Every command of the game, called once in a way that the game accepts."""

from collections.abc import Callable
from typing import Any

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.life.endowment import leave_wreck
from bridge.sandbox.spacemolt.life.pirates import spawn_pirate
from bridge.sandbox.spacemolt.shapes import JsonObject
from tests.sandbox.spacemolt.pilot import Pilot

Note = Callable[[str, JsonObject, JsonObject], None]


class Tour:
    """Ann, who has everything, and Bob, who has too, try whatever can be tried."""

    def __init__(self, game: Game, note: Note) -> None:
        self.game = game
        self.note = note
        self.ann = Pilot(game, "Ann").endowed()
        self.bob = Pilot(game, "Bob").endowed()
        self.cid = Pilot(game, "Cid")

    def call(self, pilot: Pilot, command: str, /, **payload: Any) -> JsonObject:
        result = pilot.say(command, **payload)
        self.note(command, payload, result)
        return result

    def a(self, command: str, /, **payload: Any) -> JsonObject:
        return self.call(self.ann, command, **payload)

    def b(self, command: str, /, **payload: Any) -> JsonObject:
        return self.call(self.bob, command, **payload)

    def everything(self) -> None:
        self.looking()
        self.trading()
        self.storing()
        self.outfitting()
        self.yards()
        self.papers()
        self.factions()
        self.offices()
        self.facilities()
        self.missions()
        self.fleets()
        self.space()
        self.fighting()
        self.salvage()

    def looking(self) -> None:
        for command in [
            "get_status",
            "get_ship",
            "get_cargo",
            "get_skills",
            "get_system",
            "get_poi",
            "get_base",
            "get_nearby",
            "get_system_agents",
            "get_map",
            "get_version",
            "get_commands",
            "get_guide",
            "help",
            "get_empire_info",
            "get_tax_estimate",
            "get_action_log",
            "forum_list",
            "get_active_missions",
            "completed_missions",
        ]:
            self.a(command)
        self.reading()
        self.talking()

    def reading(self) -> None:
        self.a("get_guide", guide="miner")
        self.a("help", command="travel")
        for kind in ("ships", "skills", "recipes", "items"):
            self.a("catalog", type=kind)
        self.a("find_route", target_system="frontier")
        self.a("search_systems", query="s")

    def talking(self) -> None:
        self.a("set_colors", primary_color="#FF8800", secondary_color="#0088FF")
        self.a("set_status", status_message="Here", clan_tag="ABC")
        self.a("captains_log_add", entry="Day one")
        self.a("captains_log_list")
        self.a("captains_log_get", index=0)
        self.a("captains_log_delete", index=0)
        self.a("chat", channel="system", content="Hello")
        self.a("get_chat_history", channel="system")
        self.a("petition", empire_id="solarian", message="More patrols")
        self.a("citizenship", action="list")
        self.a("citizenship", action="apply", empire_id="nebula")
        self.a("citizenship", action="renounce", empire_id="nebula")
        self.a("citizenship", action="apply", empire_id="crimson")
        self.a("citizenship", action="withdraw", empire_id="crimson")
        self.ann.player.claimed_at = ""
        self.a("claim", registration_code="sandbox")

    def trading(self) -> None:
        self.a("view_market")
        self.a("view_market", item_id="iron_ore")
        self.a("analyze_market")
        self.a("estimate_purchase", item_id="iron_ore", quantity=10)
        self.a("buy", item_id="Iron Ore", quantity=10)
        self.a("sell", item_id="iron_ore", quantity=10)
        self.a("create_sell_order", item_id="iron_ore", quantity=5, price_each=90)
        order = self.a("create_buy_order", item_id="iron_ore", quantity=5, price_each=1)
        self.a("modify_order", order_id=order["order_id"], new_price=2)
        self.a("view_orders")
        self.a("cancel_order", order_id=order["order_id"])
        self.a(
            "create_sell_order",
            orders=[{"item_id": "steel_plate", "quantity": 1, "price_each": 900}],
        )
        self.a(
            "create_buy_order",
            orders=[{"item_id": "steel_plate", "quantity": 1, "price_each": 1}],
        )
        self.a("modify_order", orders=[{"order_id": "none", "new_price": 3}])
        self.a("cancel_order", order_id="all")
        offer = self.a(
            "trade_offer",
            target_id="Bob",
            offer_items=[{"item_id": "iron_ore", "quantity": 1}],
            request_credits=5,
        )
        self.b("get_trades")
        self.b("trade_accept", trade_id=offer["trade_id"])
        again = self.a("trade_offer", target_id="Bob", offer_credits=5)
        self.b("trade_decline", trade_id=again["trade_id"])
        more = self.a("trade_offer", target_id="Bob", offer_credits=5)
        self.a("trade_cancel", trade_id=more["trade_id"])
        self.a("get_insurance_quote")
        self.a("buy_insurance", ticks=1000)
        self.a("view_insurance")
        self.a("claim_insurance")
        self.a("set_home_base", base_id=self.ann.player.docked_at)

    def storing(self) -> None:
        self.a("deposit_items", item_id="iron_ore", quantity=5)
        self.a("deposit_items", item_id="iron_ore", quantity=1, source="storage", target="faction")
        self.a("withdraw_items", item_id="iron_ore", quantity=2)
        self.a("view_storage")
        self.a("send_gift", recipient="Bob", item_id="iron_ore", quantity=1, message="For you")
        self.a("send_gift", recipient="Bob", credits=10)
        self.a("send_gift", recipient="solarian", credits=10)
        self.a("craft", recipe_id="smelt_steel", quantity=2)
        self.a("craft", recipe_id="smelt_steel", deliver_to="faction")
        self.a("use_item", item_id="focus_stim")
        self.a("jettison", item_id="iron_ore", quantity=1)
        self.a("dock")
        self.ann.ship.fuel -= 20
        self.a("refuel")
        self.ann.ship.fuel -= 30
        self.a("refuel", item_id="fuel_cell")
        self.ann.ship.hull -= 50
        self.a("repair", item_id="repair_kit")
        self.ann.ship.hull -= 50
        self.a("repair")
        self.bob.ship.fuel -= 10
        self.a("refuel", target="Bob", quantity=5)
        self.bob.ship.hull -= 10
        self.a("repair", target="Bob")

    def outfitting(self) -> None:
        done = self.a("install_mod", module_id="shield_booster_i")
        self.a("uninstall_mod", module_id=done["module_id"])
        self.a("repair_module", module_id="armor_plate_i")
        gun = next(m for m in self.ann.ship.modules if m.type_id == "autocannon_i")
        self.a("reload", weapon_instance_id=gun.id, ammo_item_id="standard_rounds_box")
        drone = self.a("load_drone", item_id="mining_drone")["drone_id"]
        self.a("upload_drone_script", drone_id=drone, script="MINE")
        self.a("get_drones")
        self.a("get_drone", drone_id=drone)
        self.a("deploy_drone", drone_id=drone)
        self.a("recall_drone", all=True)
        self.a("unload_drone", drone_id=drone)
        self.a("dock")

    def yards(self) -> None:
        self.a("list_ships")
        first = self.ann.player.ship_id
        goods = dict(self.ann.ship.cargo)
        spare = next(
            s.id
            for s in self.game.universe.ships.values()
            if s.owner_id == self.ann.id and s.id != first
        )
        self.a("switch_ship", ship_id=spare)
        self.a("name_ship", name="Wandering Star")
        self.ann.ship.modules.pop()
        self.a("refit_ship")
        self.a("switch_ship", ship_id=first)
        self.ann.ship.cargo.update(goods)
        listing = self.a("list_ship_for_sale", ship_id=spare, price=1000)
        self.a("browse_ships")
        self.a("cancel_ship_listing", listing_id=listing["listing_id"])
        self.a("sell_ship", ship_id=spare)
        offer = next(entry for entry in self.a("browse_ships", class_id="burrower")["listings"])
        bought = self.a("buy_listed_ship", listing_id=offer["listing_id"])
        self.a("switch_ship", ship_id=first)
        self.ann.ship.cargo.update(goods)
        self.a("scrap_ship", ship_id=bought["ship_id"])
        self.a("commission_quote", ship_class="burrower")
        order = self.a("commission_ship", ship_class="burrower")
        self.a("commission_status")
        self.a(
            "supply_commission",
            commission_id=order["commission_id"],
            item_id="steel_plate",
            quantity=1,
        )
        for _ in range(30):
            self.game.tick()
        self.a("claim_commission", commission_id=order["commission_id"])
        self.a("switch_ship", ship_id=first)
        self.ann.ship.cargo.update(goods)
        second = self.a("commission_ship", ship_class="burrower", provide_materials=True)
        self.a("cancel_commission", commission_id=second["commission_id"])

    def papers(self) -> None:
        note = self.a("create_note", title="Secrets", content="Nothing")["note_id"]
        self.a("get_notes")
        self.a("write_note", note_id=note, content="Something")
        self.a("read_note", note_id=note)
        self.a("delete_note", note_id=note)
        thread = self.a("forum_create_thread", title="Hi", content="All")["thread_id"]
        reply = self.a("forum_reply", thread_id=thread, content="Me too")["reply_id"]
        self.a("forum_upvote", thread_id=thread)
        self.a("forum_upvote", thread_id=thread, reply_id=reply)
        self.a("forum_get_thread", thread_id=thread)
        self.a("forum_delete_reply", reply_id=reply)
        self.a("forum_delete_thread", thread_id=thread)

    def factions(self) -> None:
        own, other = self.ann.player.faction_id, self.bob.player.faction_id
        self.a("faction_list")
        self.a("faction_info")
        self.a("faction_info", faction_id=other)
        self.a("faction_invite", player_id="Cid")
        self.a("faction_withdraw_invite", player_id="Cid")
        self.a("faction_invite", player_id="Cid")
        self.call(self.cid, "faction_get_invites")
        self.call(self.cid, "faction_decline_invite", faction_id=own)
        self.a("faction_invite", player_id="Cid")
        self.call(self.cid, "join_faction", faction_id=own)
        self.a("faction_promote", player_id="Cid", role_id="member")
        self.a("faction_kick", player_id="Cid")
        self.a("faction_invite", player_id="Cid")
        self.call(self.cid, "faction_accept_invite", faction_id=own)
        self.call(self.cid, "leave_faction")
        self.call(self.cid, "create_faction", name="Cidonians", tag="CIDS")
        self.call(self.cid, "leave_faction")
        self.a("faction_propose_ally", target_faction_id=other)
        self.b("faction_accept_ally", target_faction_id=own)
        self.a("faction_remove_ally", target_faction_id=other)
        self.a("faction_set_enemy", target_faction_id=other)
        self.a("faction_remove_enemy", target_faction_id=other)
        self.a("faction_declare_war", target_faction_id=other, reason="Pride")
        self.a("faction_info")
        self.b("faction_propose_peace", target_faction_id=own, terms="Pay")
        self.a("faction_accept_peace", target_faction_id=other)

    def offices(self) -> None:
        role = self.a("faction_create_role", name="Scout", priority=20)["role_id"]
        self.a("faction_edit_role", role_id=role, permissions={"invite": True})
        self.a("faction_delete_role", role_id=role)
        self.a("faction_edit", description="We are")
        room = self.a("faction_write_room", name="Lounge", description="Dim")["room_id"]
        self.a("faction_rooms")
        self.a("faction_visit_room", room_id=room)
        self.a("faction_delete_room", room_id=room)
        self.a("faction_deposit_credits", amount=100)
        self.a("faction_withdraw_credits", amount=50)
        self.a("faction_deposit_items", item_id="iron_ore", quantity=5)
        self.a("faction_withdraw_items", item_id="iron_ore", quantity=2)
        self.a("view_faction_storage")
        self.a("faction_create_buy_order", item_id="iron_ore", quantity=5, price_each=1)
        self.a("faction_create_sell_order", item_id="iron_ore", quantity=5, price_each=90)
        posted = self.a(
            "faction_post_mission",
            title="Ore",
            description="Bring ore",
            type="delivery",
            objectives=[
                {
                    "type": "deliver_item",
                    "description": "Ore",
                    "item_id": "iron_ore",
                    "quantity": 1,
                }
            ],
            rewards={"credits": 50},
        )
        self.a("faction_list_missions")
        self.a("faction_cancel_mission", template_id=posted["template_id"])
        system = {
            "system_id": "sol",
            "name": "Sol",
            "pois": [{"id": "x", "type": "moon", "name": "X", "position": {"x": 1.0, "y": 2.0}}],
        }
        self.a("faction_submit_intel", systems=[system])
        self.a("faction_query_intel")
        self.a("faction_intel_status")
        self.a("faction_submit_trade_intel", stations=[{"base_id": "proxima_exchange"}])
        self.a("faction_query_trade_intel")
        self.a("faction_trade_intel_status")

    def facilities(self) -> None:
        self.a("facility", action="help")
        self.a("facility", action="types")
        self.a("facility", action="types", category="production")
        self.a("facility", action="types", facility_type="small_refinery")
        built = self.a("facility", action="build", facility_type="small_refinery")["facility_id"]
        self.a("facility", action="list")
        self.a("facility", action="upgrades")
        self.a("facility", action="toggle", facility_id=built)
        self.a("facility", action="upgrade", facility_id=built)
        sale = self.a("facility", action="list_for_sale", facility_id=built, price=100)
        self.b("facility", action="browse_for_sale")
        self.a("facility", action="cancel_listing", listing_id=sale["listing_id"])
        sale = self.a("facility", action="list_for_sale", facility_id=built, price=100)
        self.b("facility", action="buy_listing", listing_id=sale["listing_id"])
        mine = self.a("facility", action="build", facility_type="wire_works")["facility_id"]
        self.a("facility", action="transfer", facility_id=mine, direction="to_faction")
        self.a("facility", action="faction_toggle", facility_id=mine)
        self.a("facility", action="faction_list")
        ours = self.a("facility", action="faction_build", facility_type="intel_terminal")
        self.a("facility", action="faction_upgrade", facility_id=ours["facility_id"])
        self.a("facility", action="personal_build", facility_type="crew_quarters")
        self.a("facility", action="personal_decorate", description="Cosy", access="public")
        self.a("facility", action="personal_visit")

    def missions(self) -> None:
        self.a("get_missions")
        self.a("decline_mission", template_id="ore_run")
        mission = self.a("accept_mission", mission_id="ore_run")["mission_id"]
        self.a("get_active_missions")
        self.a("complete_mission", mission_id=mission)
        self.a("completed_missions")
        self.a("view_completed_mission", template_id="ore_run")
        other = self.a("accept_mission", mission_id="see_sirius")["mission_id"]
        self.a("abandon_mission", mission_id=other)

    def fleets(self) -> None:
        self.a("fleet", action="help")
        self.a("fleet", action="create")
        self.a("fleet", action="invite", player_id="Bob")
        self.b("fleet", action="status")
        self.b("fleet", action="accept")
        self.a("fleet", action="status")
        self.a("refuel", target="fleet")
        self.a("repair", target="fleet")
        self.a("fleet", action="kick", player_id="Bob")
        self.a("fleet", action="invite", player_id="Bob")
        self.b("fleet", action="decline")
        self.a("fleet", action="invite", player_id="Bob")
        self.b("fleet", action="accept")
        self.b("fleet", action="leave")
        self.a("fleet", action="disband")

    def space(self) -> None:
        self.a("undock")
        self.a("scan", target_id="Bob")
        self.a("cloak", enable=True)
        self.a("cloak", enable=False)
        self.a("distress_signal", distress_type="fuel")
        self.a("survey_system")
        self.a("travel", target_poi="main_belt")
        self.a("mine")
        self.ann.order("travel", target_poi="earth")
        self.game.tick()
        self.a("get_poi")
        self.a("get_system")
        for _ in range(5):
            self.game.tick()
        self.a("jump", target_system="sirius")

    def fighting(self) -> None:
        self.ann.ship.restore()
        self.bob.player.docked_at = ""
        self.bob.player.system_id = self.ann.player.system_id
        self.bob.player.place_id = self.ann.player.place_id
        self.a("attack", target_id="Bob")
        self.a("get_battle_status")
        self.a("get_poi")
        self.a("battle", action="advance")
        self.a("battle", action="retreat")
        self.a("battle", action="stance", stance="brace")
        self.a("battle", action="target", target_id="Bob")
        self.a("battle", action="help")
        self.cid.player.docked_at = ""
        self.cid.player.system_id = self.ann.player.system_id
        self.call(self.cid, "battle", action="engage", side_id=1)
        self.b("self_destruct")
        pirate = spawn_pirate(self.game.universe)
        pirate.system_id, pirate.place_id = self.ann.player.system_id, self.ann.player.place_id
        self.a("get_nearby")
        self.a("attack", target_id=pirate.id)

    def salvage(self) -> None:
        universe = self.game.universe
        wrecks = [leave_wreck(universe, self.ann.player) for _ in range(4)]
        self.a("get_wrecks")
        self.a("loot_wreck", wreck_id=wrecks[0].id, item_id="iron_ore", quantity=1)
        self.a("loot_wreck", wreck_id=wrecks[0].id, module_id=wrecks[0].modules[0].id)
        self.a("loot_wreck", wreck_id=wrecks[1].id)
        self.a("salvage_wreck", wreck_id=wrecks[1].id)
        self.a("tow_wreck", wreck_id=wrecks[2].id)
        self.a("release_tow")
        self.a("tow_wreck", wreck_id=wrecks[2].id)
        self.a("travel", target_poi="crossroads")
        self.a("sell_wreck")
        wrecks[3].place_id = self.ann.player.place_id
        self.a("tow_wreck", wreck_id=wrecks[3].id)
        self.a("scrap_wreck")
