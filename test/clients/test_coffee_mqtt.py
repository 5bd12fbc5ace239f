"""Pots that a real MQTT broker knows: orders, states, availability, announcements; and a broker that goes away."""

import json
import os
import shutil
import socket
import subprocess
import threading

import tls
import wire
from pots import brew, config, state, steep
from wire import contains, eq, lacks, obliges, ok, own_server, skip, time_limit, wait_for

ONLY_OVER = (("h1",), "what is tested is what the pot is told")
POTS = """
    pot "pot-1" { brews = both
        driver = mqtt
        broker = "mqtt://127.0.0.1:{port}"
        topic = "kitchen/pot-1"
        answer-time = 5s
        additions = { Cream, Sugar }
        heating = 1h
        tea "assam" { steeping = 1h } %s}
    pot "other" { heating = 1h }
"""


def find(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if not path:
        skip("%s is not installed" % program)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """mosquitto on loopback; may be stopped and started again at the same port."""

    def __init__(self, folder, *lines):
        self.port, self.folder, self.process, self.trust = free_port(), folder, None, []
        with open(folder + "/mosquitto.conf", "w", encoding="utf-8") as out:
            out.write("\n".join(["listener %d 127.0.0.1" % self.port, "persistence false", *(lines or ["allow_anonymous true"])]) + "\n")

    def start(self):
        self.process = subprocess.Popen([find("mosquitto"), "-c", self.folder + "/mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.answers, "the broker listens", 10)
        return self

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def say(self, topic, text, *words):
        subprocess.run([find("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.port), *self.trust, "-q", "1", "-t", topic, "-m", text, *words], check=True, timeout=10)


class Device:
    """A pot: says that it is there, hears orders, and answers as its table says ("": not at all)."""

    def __init__(self, broker, *words):
        self.broker, self.words, self.heard = broker, words, []
        self.says = {"ON": "heating", "OFF": "idle", "WHEN": "done"}
        self.process = subprocess.Popen([find("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(broker.port), *broker.trust, "-q", "1", "-v", "-t", "kitchen/pot-1/set", "-t", "kitchen/pot-1/brew",
                                         "-t", "kitchen/ready", *words], stdout=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self.listen, daemon=True).start()
        wait_for(lambda: self.hello() or any(line[0] == "kitchen/ready" for line in self.heard), "the device listens")

    def hello(self):
        self.broker.say("kitchen/ready", "?", *self.words)

    def listen(self):
        for line in self.process.stdout:
            topic, _, text = line.rstrip("\n").partition(" ")
            if topic == "kitchen/pot-1/set" and self.says.get(text):
                self.state(self.says[text])
            self.heard.append((topic, text))

    def state(self, text):
        self.broker.say("kitchen/pot-1/state", text, "-r", *self.words)

    def online(self, text="online"):
        self.broker.say("kitchen/pot-1/availability", text, "-r", *self.words)

    def orders(self):
        return [text for topic, text in self.heard if topic == "kitchen/pot-1/set"]

    def brews(self):
        return [json.loads(text) for topic, text in self.heard if topic == "kitchen/pot-1/brew"]

    def end(self):
        self.process.terminate()
        self.process.wait(10)


class Kitchen:
    """A broker, a device, and a server whose pot it is."""

    def __init__(self, *lines, directives="", words=()):
        wire.needs("samovar-mqtt")
        self.server = wire.Server(config="")
        self.broker = Broker(self.server.tmp, *lines)
        self.words, self.device = words, None
        self.server.config = config((POTS % directives).replace("{port}", str(self.broker.port)))

    def __enter__(self):
        try:
            self.broker.start()
            self.device = Device(self.broker, *self.words)
            self.server.start()
            return self.server, self.broker, self.device
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.device:
            self.device.end()
        if self.server.process:
            self.server.stop()
        self.broker.stop()
        self.server.remove()


def reachable(server):
    return state(server, "/pots/pot-1")["reachable"]


def be_there(server, device):
    device.online()
    wait_for(lambda: reachable(server), "the pot is online")


def test_orders_reach_the_device(_):
    with Kitchen() as (server, _, device):
        be_there(server, device)
        eq(brew(server, "/pots/pot-1", fields={"Accept-Additions": "Cream;2, Sugar"}).status, 202)
        eq(state(server, "/pots/pot-1")["state"], "heating")
        wait_for(lambda: device.orders() == ["ON"], "it was told")
        eq(device.brews()[-1], {"beverage": "coffee", "additions": {"Cream": 2, "Sugar": 1}})
        eq(brew(server, "/pots/pot-1").status, 409)
        eq(brew(server, "/pots/pot-1", "stop").status, 200)
        wait_for(lambda: device.orders() == ["ON", "OFF"], "and to stop")
        eq(steep(server, "/pots/assam").status, 202)
        wait_for(lambda: device.brews()[-1] == {"beverage": "tea", "variety": "assam", "additions": {}}, "which tea")


def test_what_the_device_says_counts(_):
    with Kitchen() as (server, _, device):
        be_there(server, device)
        eq(brew(server, "/pots/pot-1", fields={"Accept-Additions": "Cream"}).status, 202)
        for word in ("brewing", "pouring"):
            device.state(word)
            wait_for(lambda: state(server, "/pots/pot-1")["state"] == word, word)
        eq(server.request("WHEN", "/pots/pot-1").status, 200)
        eq(state(server, "/pots/pot-1")["state"], "done")
        wait_for(lambda: device.orders() == ["ON", "WHEN"], "what it was told")
        device.state("ON")
        wait_for(lambda: state(server, "/pots/pot-1")["state"] == "brewing", "somebody pressed its button")
        eq(brew(server, "/pots/pot-1").status, 409)
        eq(brew(server, "/pots/pot-1", "stop").status, 200)
        device.state("OFF")
        wait_for(lambda: state(server, "/pots/pot-1")["state"] != "brewing", "it is off")
        eq(brew(server, "/pots/pot-1").status, 202)


def test_who_is_not_there_is_503(_):
    with Kitchen() as (server, _, device):
        got = brew(server, "/pots/pot-1")
        eq(got.status, 503, "nobody said that it is there")
        ok(int(got.fields["Retry-After"]) > 0, "Retry-After")
        eq(state(server, "/pots/pot-1")["state"], "idle")
        contains(server.get("/pots/pot-1").text, "reachable: no")
        eq(device.orders(), [], "and it was not told")
        eq(brew(server, "/pots/other").status, 202)
        be_there(server, device)
        eq(brew(server, "/pots/pot-1").status, 202, "it obeys as soon as it is there")
        device.online("offline")
        wait_for(lambda: not reachable(server), "it is gone")
        eq(brew(server, "/pots/pot-1", "stop").status, 503)


@time_limit(90)
def test_one_that_says_nothing_is_503_and_told_to_end(_):
    with Kitchen() as (server, _, device):
        be_there(server, device)
        device.says = {}
        eq(brew(server, "/pots/pot-1").status, 503)
        eq(state(server, "/pots/pot-1")["state"], "idle")
        wait_for(lambda: device.orders() == ["ON", "OFF"], "what it did not say that it began it is told to end")
        wait_for(lambda: "did not say that it obeys" in server.stdout(), "the log says why")


@time_limit(120)
def test_a_broker_that_comes_back(_):
    with Kitchen() as (server, broker, device):
        be_there(server, device)
        eq(brew(server, "/pots/pot-1").status, 202)
        device.end()
        broker.stop()
        wait_for(lambda: not reachable(server), "the broker is gone", 40)
        eq(brew(server, "/pots/pot-1", "stop").status, 503)
        eq(state(server, "/pots/pot-1")["state"], "heating", "it brews on, for all we know")
        broker.start()
        again = Device(broker)
        try:
            be_there(server, again)
            wait_for(lambda: brew(server, "/pots/pot-1", "stop").status == 200, "it is told", 15)
            wait_for(lambda: again.orders()[-1:] == ["OFF"], "what it was told")
        finally:
            again.end()


def test_a_server_that_starts_before_its_broker(_):
    kitchen = Kitchen()
    try:
        kitchen.server.start()
        eq(brew(kitchen.server, "/pots/pot-1").status, 503)
        kitchen.broker.start()
        kitchen.device = Device(kitchen.broker)
        kitchen.device.online()
        wait_for(lambda: reachable(kitchen.server), "it is found", 30)
        wait_for(lambda: brew(kitchen.server, "/pots/pot-1").status == 202, "and obeys", 15)
    finally:
        kitchen.__exit__()


def announced(broker, topic):
    got = subprocess.run([find("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(broker.port), "-t", topic, "-C", "1", "-W", "10"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(got.stdout)


def test_home_assistant_is_told(_):
    with Kitchen() as (_, broker, _):
        switch = announced(broker, "homeassistant/switch/samovar_kitchen_pot-1/config")
        eq((switch["command_topic"], switch["state_topic"], switch["availability_topic"]), ("kitchen/pot-1/set", "kitchen/pot-1/state", "kitchen/pot-1/availability"))
        eq((switch["payload_on"], switch["payload_off"], switch["payload_available"]), ("ON", "OFF", "online"))
        eq(switch["name"], "pot-1")
        sensor = announced(broker, "homeassistant/sensor/samovar_kitchen_pot-1_state/config")
        eq(sensor["state_topic"], "kitchen/pot-1/state")
        ok(switch["unique_id"] != sensor["unique_id"], "each has an id of its own")
        eq(switch["device"]["identifiers"], sensor["device"]["identifiers"])


def test_a_button_in_home_assistant_is_seen(_):
    with Kitchen() as (server, broker, device):
        be_there(server, device)
        broker.say("kitchen/pot-1/set", "ON")
        wait_for(lambda: state(server, "/pots/pot-1")["state"] == "heating", "the device said that it heats")


def test_nobody_is_told_where_it_is_off(_):
    with Kitchen(directives='\n discovery = off\n') as (server, broker, device):
        be_there(server, device)
        got = subprocess.run([find("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(broker.port), "-t", "homeassistant/#", "-C", "1", "-W", "1"], stdout=subprocess.PIPE, text=True, check=False)
        eq(got.stdout, "")


def test_a_broker_that_wants_a_password(_):
    kitchen = Kitchen("allow_anonymous false", "password_file {tmp}/passwords", directives='\n login = samovar\n password-file = "{tmp}/mqtt-password"\n', words=("-u", "samovar", "-P", "open sesame"))
    folder = kitchen.server.tmp
    with open(folder + "/mosquitto.conf", encoding="utf-8") as given:
        text = given.read().replace("{tmp}", folder)
    with open(folder + "/mosquitto.conf", "w", encoding="utf-8") as out:
        out.write(text)
    with open(folder + "/mqtt-password", "w", encoding="utf-8") as out:
        out.write("open sesame\n")
    subprocess.run([find("mosquitto_passwd"), "-b", "-c", folder + "/passwords", "samovar", "open sesame"], check=True)
    os.chmod(folder, 0o755)
    os.chmod(folder + "/passwords", 0o644)
    with kitchen as (server, _, device):
        be_there(server, device)
        eq(brew(server, "/pots/pot-1").status, 202)
        lacks(server.stdout(), "sesame")


def secure_kitchen(authority, trusted):
    """A broker with TLS, whose certificate `authority` signed for 127.0.0.1; the pot trusts `trusted`."""
    leaf = authority.leaf("127.0.0.1")
    kitchen = Kitchen("allow_anonymous true", "cafile " + authority.ca, "certfile " + leaf.chain, "keyfile " + leaf.key,
                      directives='\n broker-ca = "%s"\n' % trusted.ca)
    kitchen.server.config = kitchen.server.config.replace("mqtt://", "mqtts://")
    kitchen.broker.trust = ["--cafile", authority.ca]
    return kitchen


def test_a_broker_with_tls(_):
    authority = tls.Authority()
    with secure_kitchen(authority, authority) as (server, _, device):
        be_there(server, device)
        eq(brew(server, "/pots/pot-1", fields={"Accept-Additions": "Sugar"}).status, 202)
        wait_for(lambda: device.orders() == ["ON"], "it was told")
        eq(device.brews()[-1], {"beverage": "coffee", "additions": {"Sugar": 1}})


def test_a_broker_whom_nobody_vouches_for_is_told_nothing(_):
    with secure_kitchen(tls.Authority(), tls.Authority()) as (server, _, device):
        device.online()
        got = brew(server, "/pots/pot-1")
        eq(got.status, 503)
        ok("Retry-After" in got.fields, "Retry-After")
        wait_for(lambda: "broker cannot be reached" in server.stdout(), "the log says why")
        eq(device.orders(), [])
        eq(device.brews(), [])


def test_what_makes_no_sense_is_no_state(_):
    """Payloads of a megabyte, binary ones, empty ones: the pot is what the times say, and obeys."""
    with Kitchen() as (server, broker, device):
        be_there(server, device)
        for octets in (b"x" * 1_000_000, bytes(range(1, 16)), b"\xff\xfe\x00\x01", b"", b"heating\x00", b"a" * 15, b"a" * 16):
            with open(server.tmp + "/octets", "wb") as out:
                out.write(octets)
            subprocess.run([find("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", "kitchen/pot-1/state", "-f", server.tmp + "/octets"], check=True, timeout=10)
            eq(state(server, "/pots/pot-1")["state"], "idle", "%d octets" % len(octets))
            ok(reachable(server), "it is there")
        eq(brew(server, "/pots/pot-1").status, 202)
        wait_for(lambda: device.orders() == ["ON"], "it obeys")
        device.state("kettle")
        eq(state(server, "/pots/pot-1")["state"], "heating", "no word of ours changes nothing")
        for nonsense in ("perhaps", " online", "online!"):
            broker.say("kitchen/pot-1/availability", nonsense)
            wait_for(lambda: not reachable(server), "what is not online is not there")
            be_there(server, device)
        eq(brew(server, "/pots/pot-1", "stop").status, 200)


@time_limit(90)
def test_a_broker_that_goes_away_in_the_middle_of_an_order(_):
    kitchen = Kitchen()
    kitchen.server.config = kitchen.server.config.replace("answer-time = 5s", "answer-time = 60s")
    with kitchen as (server, broker, device):
        be_there(server, device)
        device.says = {}
        with server.connect() as conn:
            conn.send(b"BREW /pots/pot-1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: message/coffeepot\r\nContent-Length: 5\r\n\r\nstart")
            wait_for(lambda: device.orders() == ["ON"], "it was told")
            broker.stop()
            eq(conn.read("BREW").status, 503, "at once: who is gone is not waited for")
        eq(state(server, "/pots/pot-1")["state"], "idle")
        eq(brew(server, "/pots/other").status, 202)
