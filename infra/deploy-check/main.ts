/** `npm run -s check:deploy`: what is deployed is whole and in accord with the code. Needs no engine, no cluster. Exit 1 = a finding. */
import { STEPS } from './steps.ts';

for (const { name, run } of STEPS) {
  const began = performance.now();
  const problems = await run((line) => {
    process.stderr.write(`     ${line}\n`);
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  for (const problem of problems) process.stdout.write(`     ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
