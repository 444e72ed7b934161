import type { FlowsReport } from "./flows.ts";
import { renderGoal } from "./goals.ts";
import { renderHead, renderLoads, renderTally } from "./report.ts";

const INSTALL = [
  "Node-RED beside it: npm install --prefix <folder> node-red@5 node-red-node-sqlite (and let sqlite3 run its install script),",
  "apt-get install mosquitto, then npm run bench -- flows --node-red <folder>.",
];

const METHOD = [
  "The services in one process, as npm start runs them, and 64 pods; no chat. The clock starts when an asked session is",
  "ended: the kit changes its row and adds the command's in one commit, as the bot does, the floor adds both rows; then",
  "the command is published by MQTT. Each commit is synced: session and command; pod; journal, delivery and its claim",
  "(the floor: two commits); usage. The clock stops when the ERP's 200, sent after its commit, is at the device database.",
];

const PEER = [
  "Node-RED 5 on the same Node: all pods and the journal (WAL, FULL) in one flow, behind mosquitto; sessions, commands and",
  "ERP are the floor's, in a process of their own. Its pods keep nothing and nothing is tried again; its clock stops when",
  "the ERP's 200 leaves. Nagle's algorithm is switched off in it and in mosquitto: else a flow takes 40 to 80 ms longer.",
];

export function renderFlows(report: FlowsReport): string {
  const { tally, goals } = report;
  const lines = [
    ...renderHead(report),
    ...METHOD,
    ...(tally.peer ? PEER : INSTALL),
    ...renderLoads(report.loads),
    "",
    renderTally("kit", tally.kit),
    renderTally("floor", tally.floor),
    ...(tally.peer ? [renderTally("Node-RED", tally.peer)] : []),
    "",
    ...goals.map((goal) => renderGoal(goal, goal.atMost === 0 ? 0 : 2)),
  ];
  return `${lines.join("\n")}\n`;
}
