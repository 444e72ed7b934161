import type { Command } from "../device-sim/contract.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { CommandView } from "./contract.ts";

/** A command that an operator sent; its life stands beside the payload, as each repeat says what is left of it. */
export type OperatorCommand = {
  id: string;
  serial: string;
  payload: Omit<Command, "id" | "issuedAt" | "ttlS">;
  issuedAt: number;
  expiresAt: number;
};

type CommandRow = Omit<OperatorCommand, "payload"> & { payload: string };

const COLUMNS = "id, serial, payload, issued_at AS issuedAt, expires_at AS expiresAt";

/** The commands of operators; those of guests are with the bot. */
export function openCommandStore(db: Sqlite) {
  const add = db.prepare(
    `INSERT INTO commands (id, serial, payload, issued_at, expires_at, state)
     VALUES (:id, :serial, :payload, :issuedAt, :expiresAt, 'pending')`,
  );
  const find = db.prepare(`SELECT ${COLUMNS} FROM commands WHERE id = ?`);
  const listOpen = db.prepare(`SELECT ${COLUMNS} FROM commands WHERE state = 'pending' ORDER BY issued_at, id`);
  // The pod's late word that it carried out the command is still the truth.
  const settle = db.prepare(
    `UPDATE commands SET state = :state, reason = :reason
     WHERE id = :id AND (state = 'pending' OR (state = 'expired' AND :state = 'accepted'))`,
  );

  return {
    add: (command: OperatorCommand) =>
      db.write(() => add.run({ ...command, payload: JSON.stringify(command.payload) })),

    find(id: string): OperatorCommand | undefined {
      const row = find.get(id) as CommandRow | undefined;
      return row && commandOf(row);
    },

    listOpen: (): OperatorCommand[] => (listOpen.all() as CommandRow[]).map(commandOf),

    /** False when nothing changed. */
    async settle(id: string, state: CommandView["state"], reason: string | null): Promise<boolean> {
      const { changes } = await db.write(() => settle.run({ id, state, reason }));
      return changes === 1;
    },
  };
}

function commandOf(row: CommandRow): OperatorCommand {
  return { ...row, payload: JSON.parse(row.payload) as OperatorCommand["payload"] };
}
