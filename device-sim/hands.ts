import { HttpError } from "../plumbing/http-reply.ts";
import { parse } from "../plumbing/parse.ts";
import { CAPSULE_ML } from "./capsules.ts";
import { faultProblem } from "./faults.ts";
import { HANDS, type HandName, type Hands, type PodView } from "./hand-contract.ts";
import { byHand, checkIn, checkOut, drain, fill, type Pod, press, schedule, type Verdict } from "./pod.ts";
import type { SimulatedPod } from "./simulated-pod.ts";

type OnPod = Exclude<HandName, "fault">;

/** What hands do to the pod itself; nobody is named as having asked. */
const ACTS: { [Name in OnPod]: (pod: Pod, what: Hands[Name]) => Verdict } = {
  press: (pod, { button }) => press(pod, button),
  checkin: (pod, { scent }) => checkIn(pod, scent, {}),
  checkout: (pod) => checkOut(pod, {}),
  schedule: (pod, window) => schedule(pod, window, {}),
  drain: (pod, { scent }) => drain(pod, scent),
  refill: (pod, { scent }) => byHand(fill(pod, scent, CAPSULE_ML)),
  remove: (pod, { scent }) => byHand(fill(pod, scent, null)),
  intensity: (pod, { level }) => byHand({ ...pod, intensity: level }),
};

/**
 * Does something to a pod by hand, and tells how the pod is then.
 *
 * @throws {HttpError} 422 when the body does not fit, 409 when the pod refuses
 */
export async function layHand(pod: SimulatedPod, name: HandName, body: unknown): Promise<PodView> {
  if (name === "fault") await putOn(pod, parse(HANDS.fault, body));
  else await act(pod, name, parse<Hands[typeof name]>(HANDS[name], body ?? {}));
  return pod.view();
}

function putOn(pod: SimulatedPod, { faults, seed }: Hands["fault"]): Promise<void> {
  const problem = faultProblem(faults);
  if (problem) throw new HttpError(422, problem);
  return pod.putOn({ words: faults, seed });
}

async function act<Name extends OnPod>(pod: SimulatedPod, name: Name, what: Hands[Name]): Promise<void> {
  const { outcome, reason = outcome } = await pod.handle((now) => ACTS[name](now, what));
  if (outcome !== "accepted") throw new HttpError(409, `The pod refuses: ${reason}.`);
}
