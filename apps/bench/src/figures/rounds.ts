/** Runs all contestants in each round, in alternating order, so that other load of the machine affects all of them. */
export async function alternate<Item>(
  rounds: number,
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    for (const item of round % 2 === 0 ? items : items.toReversed())
      await run(item);
}
