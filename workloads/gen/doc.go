// Package gen makes operations. A [Generator] is a value: asked for an op it
// answers with the op and the generator that goes on from there, and told of an
// event it answers with the generator that knows of it. Nothing runs inside it,
// so the same generator drives a simulated run on virtual time and a real one,
// and a test can ask it what it would do.
//
// The vocabulary is that of Jepsen's generator library (github.com/jepsen-io/generator).
// A load beside faults, the end of the faults, and final reads:
//
//	gen.Phases(
//		gen.TimeLimit(time.Minute, gen.ClientsAndNemesis(
//			gen.Stagger(gen.NewRand(seed, "pace"), 10*time.Millisecond,
//				gen.Mix(gen.NewRand(seed, "mix"), reads, writes)),
//			faults)),
//		gen.NemesisOnly(heal),
//		gen.Sleep(10*time.Second),
//		gen.Clients(gen.EachThread(gen.UntilOk(gen.Repeat(gen.Invoke("read", history.Nil))))))
//
// # Laws
//
// Of Next, which every generator here keeps and [Validate] checks:
//
//   - Asked twice in the same context, a generator gives the same answer.
//   - An op is for a process that a free thread executes, and is due now or later.
//   - Pending says when to ask again: later than now, or [Never] if only an event
//     can change the answer.
//   - Done is for ever.
//   - The context is afterwards what it was before.
//
// Of the driver, which [Interpreter] keeps:
//
//   - It goes on with the generator that came with an op only if the op is
//     invoked. If an event comes first, it asks the old generator again.
//   - It goes on with the generator that came with Pending.
//   - It tells of every invocation and every completion, in the order of the
//     history, but not of special steps. The context then is that after the event;
//     only a process that has crashed is replaced after.
//   - At one moment, completions go before invocations.
//
// Of events: each generator passes them to all generators inside it that have begun
// or may emit next; those that place ops on threads, only those of their threads.
//
// # Randomness
//
// What an op is and when it is due must not depend on how fast the system under
// test answered. So [Mix], [Stagger], [Ops] and [Fn] hold a [Rand] of their own,
// which is a value, and go on drawing from it with each op. Which of the free
// threads gets an op, and which of several generators goes first when both could,
// depends on timing in any case, and is drawn from the context.
//
// A Rand that is given to two generators draws the same in both, so each gets one of
// its own name. Copies of a generator draw the same, too: where each thread or key is to have a stream
// of its own, give it one with [Rand.Split], in [EachThreadFunc] or in the function
// of [ConcurrentKeys].
//
// # Other than in Jepsen
//
//   - Mix passes events on, and a generator of it that is pending does not block the
//     others.
//   - Reserve counts the clients that are for it, so that it can stand inside another
//     one, and refuses to reserve more than there are.
//   - Stagger and Delay keep a schedule: ops that come late do not shift those after
//     them, so that no rate is lost while the threads are busy.
//   - TimeLimit does not end because the next op that is known is too late, while
//     others wait for a thread. It ends generators that stay pending.
//   - Any and what is built on it wait no longer for an op than until a generator
//     that is pending wants to be asked again.
//   - ConcurrentKeys takes any number of clients, and tells the work on a key of the
//     events of that key alone, without the key.
//   - FlipFlop passes events on. Cycle of nothing ends.
//   - ProcessLimit counts clients alone.
//   - A function that is a generator gets its state and returns it, instead of
//     changing something outside.
//   - What can only wait for ever is reported, not waited for.
//
// # Reading order
//
// generator.go (the contract), context.go, threads.go and rand.go (what a
// generator knows and draws from), op.go (the leaves), then the families:
// sequence.go, limit.go, choice.go, placement.go, parts.go, timing.go,
// transform.go, keys.go, schedule.go. interpreter.go drives a generator,
// simulate.go does so on virtual time, distribution.go draws keys, misuse.go is how
// mistakes are told.
package gen
