"""What the spec of PipeWorks MUD cannot say.

Lines of text are checked before they are sent, and one kind of line is never sent: a whisper to
oneself, which stops the whole server. Lists of characters are put together from all worlds, text is
unescaped, and rows of tables get their names and lose their secrets.
"""

from bridge.quirks.hooks import Quirks
from bridge.quirks.pipeworks.learning import learn
from bridge.quirks.pipeworks.objections import first, objection
from bridge.quirks.pipeworks.places import answer
from bridge.quirks.pipeworks.showing import show, tidy

QUIRKS = Quirks(
    in_turn=True,
    tidy=tidy,
    first=first,
    object=objection,
    answer=answer,
    learn=learn,
    show=show,
)
