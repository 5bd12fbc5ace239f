// drive.mjs - what test_npm_webdav.py has the npm package `webdav` do: node drive.mjs URL. Ends with 1 at the first lie.
import assert from "node:assert/strict";
import { createClient } from "webdav";

process.on("uncaughtException", (error) => { // the whole of what it carries would hide what it is about
    console.error(`${error.status ?? ""} ${error.stack.split("\n").slice(0, 12).join("\n")}`);
    process.exit(1);
});

const drive = createClient(process.argv[2]);
const names = async (path, options) => (await drive.getDirectoryContents(path, options)).map((one) => one.filename).sort();
const fails = async (status, act) => {
    await assert.rejects(act, (error) => error.status === status || assert.fail(`${error.status}, not ${status}`));
};

// Reading.
assert.equal(await drive.exists("/docs/a.txt"), true);
assert.equal(await drive.exists("/docs/none.txt"), false);
assert.equal(await drive.getFileContents("/docs/a.txt", { format: "text" }), "first");
const stat = await drive.stat("/docs/b b.txt");
assert.equal(stat.size, 6);
assert.equal(stat.type, "file");
assert.ok(stat.etag);
assert.deepEqual(await names("/docs"), ["/docs/a.txt", "/docs/b b.txt", "/docs/sub", "/docs/ä&<.txt"]);
assert.deepEqual(await names("/docs", { deep: true, glob: "/**/*.txt" }),
    ["/docs/a.txt", "/docs/b b.txt", "/docs/sub/deep.txt", "/docs/ä&<.txt"]);

// Writing.
await drive.createDirectory("/made/one/two", { recursive: true });
assert.equal(await drive.putFileContents("/made/new.txt", "by npm"), true);
assert.equal(await drive.putFileContents("/made/new.txt", "too late", { overwrite: false }), false);
await drive.copyFile("/docs/a.txt", "/made/copy.txt");
await fails(412, () => drive.copyFile("/docs/b b.txt", "/made/copy.txt", { overwrite: false }));
await drive.moveFile("/docs/b b.txt", "/made/moved ü.txt");
await drive.moveFile("/docs/sub", "/made/one/sub");
await drive.deleteFile("/docs/a.txt");
await fails(404, () => drive.deleteFile("/docs/a.txt"));
await fails(409, () => drive.putFileContents("/none/x.txt", "x"));
await new Promise((resolve, reject) => {
    const stream = drive.createWriteStream("/made/stream.bin", {}, resolve);
    stream.on("error", reject);
    stream.write(Buffer.alloc(100000, "a"));
    stream.end(Buffer.alloc(100000, "b"));
});
assert.equal((await drive.getFileContents("/made/stream.bin")).length, 200000);

// Locks.
const lock = await drive.lock("/made/new.txt");
assert.ok(lock.token);
await fails(423, () => drive.putFileContents("/made/new.txt", "not mine"));
await drive.unlock("/made/new.txt", lock.token);
await drive.putFileContents("/made/new.txt", "mine again");

// Quota. getQuota() asks for allprop, in which RFC 4331 wants no quotas; who names them gets them.
assert.equal(await drive.getQuota(), null);
const asked = await drive.customRequest("/", {
    method: "PROPFIND",
    headers: { Depth: "0", "Content-Type": "application/xml" },
    data: '<propfind xmlns="DAV:"><prop><quota-used-bytes/><quota-available-bytes/></prop></propfind>',
});
const [used, available] = (await asked.text()).match(/\d+(?=<\/D:quota-)/g).map(Number);
assert.ok(used > 200000 && used < 300000, `used: ${used}`);
assert.equal(available, 10 * 1024 * 1024 - used);

const classes = await drive.getDAVCompliance("/");
assert.deepEqual(classes.compliance.slice(0, 3), ["1", "2", "3"]);
console.log("all true");
