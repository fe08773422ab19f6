"""Processes that outlived a launcher which was itself killed."""

from careline_local.parts.processes import end_leftover
from careline_local.system.folders import Folders
from careline_local.system.progress import Progress


def end_leftovers(folders: Folders, progress: Progress) -> None:
    """End them, so that their ports and data folders are free; their data are safe, as after a power cut."""
    for record in sorted(folders.data.glob("**/process.json")):
        if end_leftover(record.parent):
            progress.say(f"  ended {record.parent.name}, which an earlier start had left running")
