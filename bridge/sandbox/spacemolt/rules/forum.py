"""The forum: threads, replies, votes."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.papers import Post
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


@handlers("forum_create_thread")
def forum_create_thread(turn: Turn) -> JsonObject:
    """Start a thread."""
    title = turn.text("title").strip()
    if not title or not turn.text("content").strip():
        raise GameError("empty_entry", "A thread needs a title and a text.")
    thread = _post(turn.universe, turn.player, turn.text("content"))
    thread.title, thread.category = title, turn.text("category", "general")
    turn.universe.papers.threads[thread.id] = thread
    return {"thread_id": thread.id, "title": title, "message": "The thread is up."}


def _post(universe: Universe, author: Player, content: str) -> Post:
    now = universe.timestamp()
    author.stats["forum_posts_created"] += 1
    faction = universe.society.factions.get(author.faction_id)
    return Post(
        id=universe.new_id(),
        author_id=author.id,
        author=author.username,
        author_empire=author.empire,
        author_tag=faction.tag if faction else "",
        content=content,
        created_at=now,
        updated_at=now,
    )


def open_forum(universe: Universe, author: Player) -> None:
    """Put the first threads up, as if by this author."""
    for entry in read("threads")["threads"]:
        thread = _post(universe, author, entry["content"])
        thread.title, thread.category = entry["title"], entry["category"]
        thread.official = entry["official"]
        universe.papers.threads[thread.id] = thread


@handlers("forum_reply")
def forum_reply(turn: Turn) -> JsonObject:
    """Answer in a thread."""
    thread = turn.universe.papers.thread(turn.text("thread_id"))
    if not turn.text("content").strip():
        raise GameError("empty_entry", "A reply needs a text.")
    reply = _post(turn.universe, turn.player, turn.text("content"))
    reply.thread_id = thread.id
    thread.updated_at = reply.created_at
    turn.universe.papers.replies[reply.id] = reply
    return {"reply_id": reply.id, "thread_id": thread.id, "message": "The reply is up."}


@handlers("forum_get_thread")
def forum_get_thread(turn: Turn) -> JsonObject:
    """Read a thread with its replies."""
    papers = turn.universe.papers
    thread = papers.thread(turn.text("thread_id"))
    return {
        "thread": thread_view(turn.universe, thread),
        "replies": [_reply_view(reply) for reply in papers.replies_to(thread.id)],
    }


def _common(post: Post) -> JsonObject:
    return {
        "id": post.id,
        "author": post.author,
        "author_id": post.author_id,
        "author_empire": post.author_empire,
        "author_faction_tag": post.author_tag,
        "content": post.content,
        "created_at": post.created_at,
        "is_dev_team": post.official,
        "upvotes": len(post.voters),
    }


def _reply_view(reply: Post) -> JsonObject:
    return {**_common(reply), "thread_id": reply.thread_id}


def thread_view(universe: Universe, thread: Post) -> JsonObject:
    """Describe a thread without its replies."""
    return {
        **_common(thread),
        "title": thread.title,
        "category": thread.category,
        "updated_at": thread.updated_at,
        "reply_count": len(universe.papers.replies_to(thread.id)),
        "pinned": thread.official,
        "locked": False,
    }


@handlers("forum_list")
def forum_list(turn: Turn) -> JsonObject:
    """List threads, filtered and sorted."""
    universe = turn.universe
    found = [t for t in universe.papers.threads.values() if not t.deleted and _wanted(turn, t)]
    found.reverse()
    found.sort(key=lambda thread: -_weight(universe, thread, turn.text("sort_by")))
    page, size = turn.number("page", 1), turn.number("limit", 20)
    categories = read("threads")["categories"]
    return {
        "threads": [thread_view(universe, t) for t in found[(page - 1) * size : page * size]],
        "page": page,
        "per_page": size,
        "total": len(found),
        "has_more": page * size < len(found),
        "categories": list(categories),
        "category_descriptions": dict(categories),
    }


def _weight(universe: Universe, thread: Post, sort_by: str) -> int:
    replies, votes = len(universe.papers.replies_to(thread.id)), len(thread.voters)
    return {"most_replies": replies, "most_upvotes": votes, "hot": replies + votes}.get(sort_by, 0)


def _wanted(turn: Turn, thread: Post) -> bool:
    day = thread.created_at[:10]
    haystack = f"{thread.title} {thread.content} {thread.author}".casefold()
    return all(
        (
            turn.text("category") in ("", thread.category),
            turn.text("author").casefold() in thread.author.casefold(),
            turn.text("search").casefold() in haystack,
            turn.text("faction_tag").casefold() in ("", thread.author_tag.casefold()),
            not turn.arguments.flag("dev_only") or thread.official,
            day >= turn.text("date_from"),
            not turn.text("date_to") or day <= turn.text("date_to"),
        )
    )


@handlers("forum_upvote")
def forum_upvote(turn: Turn) -> JsonObject:
    """Vote for a thread or a reply, once."""
    papers = turn.universe.papers
    thread = papers.thread(turn.text("thread_id"))
    answer: JsonObject = {"thread_id": thread.id, "message": "Your vote counts."}
    post = thread
    if "reply_id" in turn.arguments:
        post = papers.reply(turn.text("reply_id"))
        answer["reply_id"] = post.id
    if turn.player.id in post.voters:
        raise GameError("already_voted", "You have voted for it.")
    post.voters.add(turn.player.id)
    return answer


@handlers("forum_delete_thread")
def forum_delete_thread(turn: Turn) -> JsonObject:
    """Remove one's own thread."""
    thread = turn.universe.papers.thread(turn.text("thread_id"))
    _delete(turn, thread)
    return {"thread_id": thread.id, "message": "The thread is gone."}


@handlers("forum_delete_reply")
def forum_delete_reply(turn: Turn) -> JsonObject:
    """Remove one's own reply."""
    reply = turn.universe.papers.reply(turn.text("reply_id"))
    _delete(turn, reply)
    return {"reply_id": reply.id, "message": "The reply is gone."}


def _delete(turn: Turn, post: Post) -> None:
    if post.author_id != turn.player.id:
        raise GameError("not_owner", "Only its author can remove it.")
    post.deleted = True
