"""How fast the city lives: its own chance, its own hour, and when it is over."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Pace:
    """`speed` is how many hours of the business pass in an hour; `per_minute` how many people make contact."""

    speed: float
    per_minute: float
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    async def until_next(self, share: float) -> None:
        """Wait for the next of the contacts of which this kind has a share: arrivals are a Poisson process."""
        await asyncio.sleep(self.chance.expovariate(share * self.per_minute / 60))

    async def a_while(self, seconds: float) -> None:
        """A reaction or a piece of work that takes about so long in real time, skewed as people are."""
        await asyncio.sleep(self.chance.lognormvariate(0, 0.5) * seconds)
