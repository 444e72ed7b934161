import type { Argument, Command, Option } from "commander";
import { isSettingOption } from "./command.ts";

/** An argument or option as its command says it. */
export type Term = {
  term: string;
  about: string;
  choices: readonly string[];
  standard: string | number | undefined;
  isRequired: boolean;
};

/** A command with what may follow it, and the commands below it; `isRun` is false for a mere group of commands. */
export type CommandText = {
  words: string;
  usage: string;
  about: string;
  isRun: boolean;
  terms: readonly Term[];
  commands: readonly CommandText[];
};

/** The commands of a program that its help has, in their order, without the options that all of them have. */
export function describeCommands(program: Command, before = ""): CommandText[] {
  const shown = program.createHelp().visibleCommands(program);
  return program.commands
    .filter((command) => shown.includes(command))
    .map((command) => {
      const words = `${before} ${command.name()}`.trim();
      const own = command.options.filter((option) => !isSettingOption(option) && option.long !== "--json");
      return {
        words,
        usage: [words, ...command.registeredArguments.map(nameOf)].join(" "),
        about: command.description(),
        isRun: command.options.length > 0 || command.commands.length === 0,
        terms: [...command.registeredArguments.map(argumentTerm), ...own.map(optionTerm)],
        commands: describeCommands(command, words),
      };
    });
}

function nameOf(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentTerm(argument: Argument): Term {
  const { description, argChoices = [], defaultValue, required } = argument;
  return {
    term: nameOf(argument),
    about: description,
    choices: argChoices,
    standard: defaultValue as Term["standard"],
    isRequired: required,
  };
}

function optionTerm({ flags, description, argChoices = [], defaultValue, mandatory }: Option): Term {
  return {
    term: flags,
    about: description,
    choices: argChoices,
    standard: defaultValue as Term["standard"],
    isRequired: mandatory,
  };
}
