from tests.sandbox.spacemolt.pilot import Pilot


def test_a_bid_that_waits_holds_credits_and_costs_one_percent(ann: Pilot) -> None:
    before = ann.player.credits

    result = ann.do("create_buy_order", item_id="iron_ore", quantity=100, price_each=1)

    assert result["quantity_listed"] == 100
    assert result["listing_fee"] == 1
    assert before - ann.player.credits == 101


def test_a_bid_above_the_book_is_filled_at_once_without_a_fee(ann: Pilot) -> None:
    result = ann.do("create_buy_order", item_id="iron_ore", quantity=3, price_each=50)

    assert result["quantity_filled"] == 3
    assert result["listing_fee"] == 0
    assert ann.ship.cargo["iron_ore"] == 3


def test_the_seller_is_paid_when_the_order_is_taken(ann: Pilot, bob: Pilot) -> None:
    ann.ship.cargo["note_document"] = 5
    ann.do("create_sell_order", item_id="note_document", quantity=5, price_each=7)
    before = ann.player.credits
    ann.told()

    bob.do("buy", item_id="note_document", quantity=2)

    assert ann.player.credits - before == 14
    assert ann.told("market_update")[0]["remaining"] == 3
    order = ann.ask("view_orders")["orders"][0]
    assert (order["filled_quantity"], order["remaining"]) == (2, 3)


def test_goods_of_a_filled_bid_wait_in_storage(ann: Pilot, bob: Pilot) -> None:
    ann.do("create_buy_order", item_id="note_document", quantity=2, price_each=9)
    bob.ship.cargo["note_document"] = 2

    bob.do("sell", item_id="note_document", quantity=2)

    assert ann.ask("view_storage")["items"][0]["quantity"] == 2


def test_the_same_price_again_is_added_to_the_same_order(ann: Pilot) -> None:
    first = ann.do("create_buy_order", item_id="iron_ore", quantity=1, price_each=1)

    second = ann.do("create_buy_order", item_id="iron_ore", quantity=2, price_each=1)

    assert second["consolidated"] is True
    assert second["order_id"] == first["order_id"]
    assert ann.ask("view_orders")["orders"][0]["quantity"] == 3


def test_a_cancelled_order_gives_back_what_it_held(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 4
    ask = ann.do("create_sell_order", item_id="iron_ore", quantity=4, price_each=900)
    bid = ann.do("create_buy_order", item_id="iron_ore", quantity=4, price_each=1)

    goods = ann.do("cancel_order", order_id=ask["order_id"])
    money = ann.do("cancel_order", order_id=bid["order_id"])

    assert goods["returned_items"]["quantity"] == 4
    assert money["returned_credits"] == 4
    assert ann.ask("view_orders")["total"] == 0


def test_a_higher_bid_holds_more(ann: Pilot) -> None:
    bid = ann.do("create_buy_order", item_id="iron_ore", quantity=10, price_each=1)
    before = ann.player.credits

    result = ann.do("modify_order", order_id=bid["order_id"], new_price=2)

    assert (result["old_price"], result["new_price"]) == (1, 2)
    assert before - ann.player.credits == 10


def test_in_bulk_each_entry_goes_its_own_way(ann: Pilot) -> None:
    result = ann.do(
        "create_buy_order",
        orders=[
            {"item_id": "iron_ore", "quantity": 1, "price_each": 1},
            {"item_id": "unobtainium", "quantity": 1, "price_each": 1},
        ],
    )

    assert result["mode"] == "bulk"
    assert result["summary"] == {"total": 2, "succeeded": 1, "failed": 1}
    assert result["results"][1]["error_code"] == "invalid_item"


def test_fifty_at_once_is_the_most(ann: Pilot) -> None:
    entry = {"item_id": "iron_ore", "quantity": 1, "price_each": 1}

    settled = ann.settle("create_buy_order", orders=[entry] * 51)

    assert settled.payload["code"] == "invalid_payload"


def test_all_orders_are_cancelled_however_many_there_are(ann: Pilot) -> None:
    for item, most in (("titanium_ore", 20), ("gold_ore", 31)):
        bids = [{"item_id": item, "quantity": 1, "price_each": each + 1} for each in range(most)]
        ann.do("create_buy_order", orders=bids)

    every = ann.do("cancel_order", order_id="all")
    none = ann.do("cancel_order", order_id="*")

    assert every["summary"] == {"total": 51, "succeeded": 51, "failed": 0}
    assert none["summary"] == {"total": 0, "succeeded": 0, "failed": 0}
    assert ann.ask("view_orders")["total"] == 0


def test_a_single_order_needs_all_its_terms(ann: Pilot) -> None:
    settled = ann.settle("create_buy_order", item_id="iron_ore")

    assert "quantity, price_each" in settled.payload["message"]


def test_orders_are_sorted_and_filtered(ann: Pilot) -> None:
    for price in (3, 1, 2):
        ann.do("create_buy_order", item_id="iron_ore", quantity=1, price_each=price)
    ann.do("create_buy_order", item_id="copper_ore", quantity=1, price_each=1)

    dear = ann.ask("view_orders", item_id="iron_ore", sort_by="price_desc")["orders"]
    found = ann.ask("view_orders", search="copp")["orders"]

    assert [order["price_each"] for order in dear] == [3, 2, 1]
    assert [order["item_id"] for order in found] == ["copper_ore"]


def test_what_cannot_be_paid_for_changes_nothing(ann: Pilot) -> None:
    ann.ship.cargo["note_document"] = 3
    ann.player.credits = 0

    settled = ann.settle("create_sell_order", item_id="note_document", quantity=3, price_each=500)

    assert settled.payload["code"] == "no_credits"
    assert ann.ship.cargo["note_document"] == 3


def test_a_remainder_one_cannot_pay_for_is_simply_not_listed(ann: Pilot) -> None:
    ann.player.credits = 40

    result = ann.do("buy", item_id="contraband_spice", quantity=5, auto_list=True)

    assert "auto_listed" not in result
    assert ann.player.credits == 40
