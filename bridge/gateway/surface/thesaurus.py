"""Words that players use for the same thing, whatever the game.

Each line is a group: asking with one of its words finds what is described with another, at less
than the weight of the word itself. A word may stand in several groups. What only one game says
belongs to the ``words`` of its commands.
"""

from collections.abc import Callable, Mapping

_GROUPS = """
ability skill talent level experience xp training
account profile login user signed registration
acquire buy purchase get obtain invest
advertise announce promote boost visible publicity famous
ally alliance friend treaty pact
ammo ammunition bullet round magazine reload
anybody anyone person people player somebody someone who
announce broadcast everybody everyone message
answer reply comment respond
area zone region district quarter
arrest jail imprison lock prison cell
attack fight shoot fire kill hit assault strike
bag inventory carry hold cargo backpack own
ban exclude suspend block bar
base home spawn respawn station
battle fight combat war
bid order offer standing limit
bid pay wanted order
bring deliver haul carry
build construct make produce craft manufacture forge create
call summon invite
cancel abort stop undo withdraw revoke
change edit modify alter update set switch
character hero avatar persona figure
chat talk conversation message said say speak discussion
choose select pick switch
clan faction guild corporation group
cloak hide invisible stealth sneak
close shutdown stop end halt finish off
color colour paint appearance look
commands actions abilities possible allowed
comments replies below answers
connected online logged playing present active
cooldown wait ready soon
cost price fee worth expensive cheap value
creature monster npc mob beast enemy animal
damage hurt harm injure broken hull holes health wounded
dead die death killed respawn wake
delete remove destroy erase discard
deposit store stash put save keep warehouse
desert leave quit exit
diary journal log note remember memory
dig mine harvest extract ore asteroid
discard drop dump jettison throw overboard trash rid
disconnect kick throw expel eject
dock land moor park arrive
donate give gift send pay transfer hand
door exit direction way passage
drone robot probe
enemy foe hostile pirate opponent
equip install fit mount attach bolt module weapon
escape flee run retreat
examine inspect look see view describe scan
exchange market trade trading shop
explore survey discover scan hidden
find search lookup locate
fix repair mend heal patch restore
fly travel go move walk warp journey
free release escape bail out
fuel gas energy tank recharge refuel dry
fun mock tease troll harass ridicule
galaxy map star chart universe
earn income profit money
gold money credit coin wealth rich cash funds balance wallet
goods item thing object ware loot
grab take pick collect get loot
group fleet party team squad together
guide tutorial manual help learn
happened news events timeline history recent lately
heard said spoken
insurance cover policy protect premium
job mission quest task contract work
join start begin register signup new
laser weapon gun cannon turret
launch undock leave depart
leader boss chief owner
less more most
lift unban pardon forgive reinstate
like upvote heart thumb favourite
load usage busy performance
loot plunder salvage wreck debris remains
lost stranded rescue sos mayday save
member recruit join invite
name rename call title
near nearby around here close local
offer deal trade swap barter
officials government empire authority
orders listings offers
own mine belong possess
password secret credential
path route directions distance way jump
people player who person pilot agent member somebody
permission role rank right
place room location where poi spot
prices quotes market cost
private whisper secret quietly alone
progress state status how
protect shield defend guard safe secure immune
publish post write tweet share
purge prune clean
question ask request petition
quit give abandon drop
recipe blueprint formula
refine smelt process convert turn transform craft produce
reward payout complete finish hand
room chamber place hall
rules law policy legal
sell vend get rid
server machine world host
ship vessel boat craft
shout yell scream loud
statistics numbers figures count often
storage warehouse stash vault bank
subscribe follow keep track watch
tax duty owed
tell message say dm
thread topic discussion conversation
tow drag pull haul
upgrade improve better refit
valid check verify test
vision policy prompt image
whole all every everything
world realm universe server
wreck destroyed debris hulk ruin
"""


def synonyms(stem: Callable[[str], str]) -> Mapping[str, frozenset[str]]:
    """Return the words that mean nearly the same as each word, all of them as their stems."""
    found: dict[str, set[str]] = {}
    for line in _GROUPS.strip().splitlines():
        group = {stem(word) for word in line.split()}
        for word in group:
            found.setdefault(word, set()).update(group - {word})
    return {word: frozenset(others) for word, others in found.items()}
