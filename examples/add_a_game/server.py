"""A game of its own, in a few lines.

Run: python examples/add_a_game/server.py [PORT]
"""

import json
import random
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

MOST_TRIES = 9


class Keeper(BaseHTTPRequestHandler):
    """Keeps a number in mind; answers GET /look and POST /guess in JSON."""

    number, won, tries, said = 7, 0, 0, "think"

    def do_GET(self) -> None:
        """Tell how things stand."""
        self.reply(200, {"won": Keeper.won, "tries": Keeper.tries, "said": Keeper.said})

    def do_POST(self) -> None:
        """Compare a guess with the number; too many tires the keeper."""
        guess = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["number"]
        Keeper.tries += 1
        if Keeper.tries > MOST_TRIES:
            Keeper.tries = 0
            tired = {"code": "tired", "message": "I must rest.", "retry_after": 1}
            self.reply(429, {"error": tired})
        elif guess == Keeper.number:
            Keeper.number = random.randint(1, 9)  # noqa: S311 - a game
            Keeper.won, Keeper.tries, Keeper.said = Keeper.won + 1, 0, "right"
            self.reply(200, {"answer": Keeper.said})
        else:
            Keeper.said = "higher" if guess < Keeper.number else "lower"
            self.reply(200, {"answer": Keeper.said})

    def reply(self, status: int, value: object) -> None:
        """Send a value as JSON."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8799), Keeper)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
