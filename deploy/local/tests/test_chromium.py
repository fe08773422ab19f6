"""The browser of the tests starts, draws Chinese with a real font, and speaks WebSocket."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser
from websockets.asyncio.server import ServerConnection, serve

pytestmark = pytest.mark.e2e


async def test_draws_chinese_with_a_font_that_has_the_letters(browser: Browser, tmp_path: Path) -> None:
    page = await browser.new_page(viewport={"width": 200, "height": 80})
    await page.set_content('<meta charset="utf-8"><h1 style="margin:0">客户关怀</h1>')
    known = await page.screenshot()
    await page.set_content('<meta charset="utf-8"><h1 style="margin:0">\U000f1234\U000f1234\U000f1234\U000f1234</h1>')
    boxes = await page.screenshot()
    assert known != boxes
    widths = await page.evaluate(
        """() => [...'客户'].map(letter => {
            const context = document.createElement('canvas').getContext('2d')
            context.font = '20px sans-serif'
            return context.measureText(letter).width
        })"""
    )
    assert widths == [20, 20]


async def test_speaks_websocket_to_this_machine(browser: Browser) -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())

    async with serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        page = await browser.new_page()
        said = await asyncio.wait_for(
            page.evaluate(
                """port => new Promise(resolve => {
                    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
                    socket.onopen = () => socket.send('你好')
                    socket.onmessage = event => resolve(event.data)
                })""",
                port,
            ),
            10,
        )
    assert said == "你好"
