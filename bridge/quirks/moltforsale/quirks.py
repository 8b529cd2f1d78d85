"""What Moltforsale's spec cannot say.

Jail, a state that blocks everything but one act; cooldowns that every poll corrects; credits,
shields and prices that are looked at before credits are spent; ids that become handles; what has
changed about us, as events; and what became of acts whose answer was lost.
"""

from bridge.quirks.hooks import Quirks
from bridge.quirks.moltforsale.learning import learn
from bridge.quirks.moltforsale.objections import first, objection
from bridge.quirks.moltforsale.showing import retell, show

QUIRKS = Quirks(in_turn=True, first=first, object=objection, learn=learn, show=show, retell=retell)
