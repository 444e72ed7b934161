import { expect, test } from "vitest";
import { judge, type Kind } from "../strace/synced.ts";
import { readTrace } from "../strace/trace.ts";

const LOG = "7</data/shop.sqlite-wal>";
const OUT = "9<TCP:[127.0.0.1:80->127.0.0.1:4000]>";
const IN_PAGE = String.raw`"\r\0\0\1order-1paid\0"`;

const COMMIT = [
  String.raw`20 pwrite64(${LOG}, "\0\0\0\3\0\0\0\5abcdefghijklmnop", 24, 32) = 24`,
  `20 pwrite64(${LOG}, ${IN_PAGE}, 4096, 56) = 4096`,
];
const SYNC = `20 fsync(${LOG}) = 0`;
const MESSAGE = `20 writev(${OUT}, [{iov_base="paid ", iov_len=5}, {iov_base="order-1", iov_len=7}], 2) = 12`;

const KIND: Kind = {
  name: "paid",
  store: "shop",
  to: /:80->/,
  message: /paid (order-\d)/g,
  row: (id) => new RegExp(`${id}paid`),
};

const verdictOf = (...lines: string[]) => judge(readTrace(lines.join("\n")), [KIND])[0];

test.for<[what: string, lines: string[], violations: string[]]>([
  ["after commit and sync", [...COMMIT, SYNC, MESSAGE], []],
  ["before the sync", [...COMMIT, MESSAGE, SYNC], ["order-1 left before the sync"]],
  ["before the commit", [MESSAGE, ...COMMIT, SYNC], ["order-1 left before the commit"]],
  [
    "after the sync of another store",
    [...COMMIT, SYNC.replace("shop", "bar"), MESSAGE],
    ["order-1 left before the sync"],
  ],
  ["of another row", [...COMMIT, SYNC, MESSAGE.replace("order-1", "order-2")], ["order-2 left before the commit"]],
  [
    "after a sync of pages that no commit ends",
    [...COMMIT.map((line) => line.replace(String.raw`\0\0\0\5`, String.raw`\0\0\0\0`)), SYNC, MESSAGE],
    ["order-1 left before the commit"],
  ],
  [
    "of a row that was rolled back and written over",
    [
      ...COMMIT.map((line) => line.replace(String.raw`\0\0\0\5`, String.raw`\0\0\0\0`)),
      ...COMMIT.map((line) => line.replace("order-1", "order-2")),
      SYNC,
      MESSAGE,
    ],
    ["order-1 left before the commit"],
  ],
  [
    "that begins while another thread's sync goes on",
    [...COMMIT, SYNC.replace("20", "21").replace(") = 0", " <unfinished ...>"), MESSAGE, "21 <... fsync resumed>) = 0"],
    ["order-1 left before the sync"],
  ],
  [
    "that ends after another thread's sync, but began before",
    [
      ...COMMIT,
      MESSAGE.replace(") = 12", " <unfinished ...>"),
      SYNC.replace("20", "21"),
      "20 <... writev resumed>) = 12",
    ],
    ["order-1 left before the sync"],
  ],
  ["after a sync that failed", [...COMMIT, SYNC.replace("= 0", "= -1 EIO"), MESSAGE], ["order-1 left before the sync"]],
])("a message %s", ([, lines, violations]) => {
  expect(verdictOf(...lines)).toEqual({ kind: "paid", messages: 1, violations });
});

test("a message that goes elsewhere is none, and one that answers a request has its id from there", () => {
  expect(verdictOf(...COMMIT, MESSAGE.replace(":80->", ":81->"))).toMatchObject({ messages: 0 });
  const asked = `20 read(${OUT}, "for order-1", 100) = 11`;
  const kind = { ...KIND, message: /paid/g, request: /for (order-\d)/ };
  const calls = readTrace([asked, ...COMMIT, SYNC, MESSAGE].join("\n"));
  expect(judge(calls, [kind])).toMatchObject([{ messages: 1, violations: [] }]);
});
