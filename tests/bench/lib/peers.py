"""The peers: other servers on the same work. One that is not installed is left out, with a word how to get it."""
import importlib.util
import pathlib
import shutil
import socket
import time

from run import ROOT, Server, Skip

HERE = ROOT / "tests/bench/peers"


class Nchan(Server):
    name, post, answers, share = "nchan", "/pub", False, 0.2

    def argv(self):
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
        if not nginx or not pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so").exists():
            raise Skip("apt-get install nginx-light libnginx-mod-nchan")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.wanted = free.getsockname()[1]
        conf = pathlib.Path(self.folder) / "conf"
        text = (HERE / "nchan.conf").read_text()
        conf.write_text(text.replace("@FOLDER@", self.folder).replace("@PORT@", str(self.wanted)))
        return [nginx, "-p", self.folder, "-c", conf]

    def find_port(self, said):
        try:
            socket.create_connection(("127.0.0.1", self.wanted), 1).close()
        except OSError:
            return None
        time.sleep(0.2)  # the worker, too
        return self.wanted


class NodeWs(Server):
    name, share = "ws", 0.2

    def argv(self):
        if not shutil.which("node"):
            raise Skip("apt-get install nodejs npm")
        if not (ROOT / "tests/web/node_modules/ws").exists():
            raise Skip("cd tests/web && npm ci")
        return ["node", HERE / "ws-server.mjs", *self.options.get("args", [])]

    def find_port(self, said):
        return int(said.split()[0]) if said.endswith("\n") else None


class FastApi(Server):
    name, share = "fastapi", 0.1

    def argv(self):
        if not importlib.util.find_spec("fastapi") or not importlib.util.find_spec("uvicorn") or not importlib.util.find_spec("websockets"):
            raise Skip("apt-get install python3-fastapi python3-uvicorn python3-websockets")
        return ["/usr/bin/python3", HERE / "manager.py"]

    def find_port(self, said):
        return int(said.split()[0]) if said.endswith("\n") else None
