#!/usr/bin/python3
"""The peer "FastAPI": the connection manager of the original plan, each line of standard input to every client in turn."""
import asyncio
import socket
import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    def __init__(self):
        self.active = []

    async def connect(self, websocket):
        await websocket.accept()
        self.active.append(websocket)

    def disconnect(self, websocket):
        if websocket in self.active:
            self.active.remove(websocket)

    async def broadcast(self, text):
        for websocket in list(self.active):
            try:
                await websocket.send_text(text)
            except Exception:
                self.disconnect(websocket)


app, manager = FastAPI(), ConnectionManager()


@app.websocket("/ws")
async def serve(websocket: WebSocket):
    await manager.connect(websocket)
    try:
        while True:
            await websocket.receive_text()
            await websocket.send_text('{"type":"heartbeat"}')
    except WebSocketDisconnect:
        manager.disconnect(websocket)


async def feed():
    reader = asyncio.StreamReader(limit=1 << 21)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await manager.broadcast(line.decode().rstrip("\n"))


@app.on_event("startup")
async def start():
    app.state.feeding = asyncio.create_task(feed())


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="error", ws="websockets", ws_ping_interval=None, backlog=4096)
    uvicorn.Server(config).run(sockets=[listening])
