"""Files by id: a folder on one machine, an S3-compatible store in containers; the same calls for both."""

from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as Store


class ObjectNotFoundError(Exception):
    """No object has this key."""


class ObjectStore:
    """Keeps and gives back whole objects by key."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._store: Store = LocalStore(parts.path, mkdir=True) if parts.scheme == "file" else from_url(url)

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`; a second put replaces it."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes:
        """The object's content; ObjectNotFoundError if there is none."""
        try:
            result = await obstore.get_async(self._store, key)
            return bytes(await result.bytes_async())
        except FileNotFoundError:
            raise ObjectNotFoundError(key) from None

    async def delete(self, key: str) -> None:
        """Forget the object."""
        await obstore.delete_async(self._store, key)
