"""The servers that Careline stands on, each startable and breakable behind one interface.

`Part` is the interface. `careline_local.parts.choice` picks the implementation: embedded ones from
package registries, or official images where a Docker daemon answers.
"""

from careline_local.parts.base import Part, PartError

__all__ = ["Part", "PartError"]
