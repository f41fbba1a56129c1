"""Files: an address to send the bytes to, then a place where they are shared; the oldest forgotten first."""

import mimetypes
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Json

KEPT = 100
LARGEST = 1024 * 1024


@dataclass
class File:
    """`length` is what was promised; `content` is None until it came."""

    id: str
    name: str
    user: str
    length: int
    created: int
    alt_text: str = ""
    title: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)

    def to_api(self, base_url: str) -> Json:
        kind = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": kind,
            "filetype": self.name.rpartition(".")[2] if "." in self.name else "binary",
            "user": self.user,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(self.channels),
            "url_private": f"{base_url}/files/{self.id}",
            "url_private_download": f"{base_url}/files/{self.id}?download=1",
            "alt_txt": self.alt_text,
            "channels": list(self.channels),
        }


class Files:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, File] = OrderedDict()
        self._tickets: dict[str, str] = {}

    def announce(self, name: str, length: int, user: str, alt_text: str = "") -> tuple[File, str]:
        """A file that is to come, and the key of the address it is sent to."""
        if length > LARGEST:
            raise SlackError("file_upload_size_restricted")
        file = File(f"F{secrets.token_hex(5).upper()}", name, user, length, int(self._clock.now()), alt_text)
        self._kept[file.id] = file
        while len(self._kept) > KEPT:
            gone, _ = self._kept.popitem(last=False)
            self._tickets = {key: own for key, own in self._tickets.items() if own != gone}
        key = secrets.token_urlsafe(24)
        self._tickets[key] = file.id
        return file, key

    def receive(self, key: str, content: bytes) -> File:
        """Take the bytes, once, of the length that was promised."""
        file = self._kept.get(self._tickets.get(key, ""))
        if file is None:
            raise SlackError("invalid_upload_url")
        if len(content) != file.length:
            raise SlackError("length_mismatch")
        del self._tickets[key]
        file.content = content
        return file

    def find(self, file_id: str) -> File:
        """A file whose bytes have come."""
        file = self._kept.get(file_id)
        if file is None or file.content is None:
            raise SlackError("file_not_found")
        return file

    def delete(self, file_id: str) -> None:
        del self._kept[self.find(file_id).id]
