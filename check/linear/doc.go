// Package linear judges single objects: is there one order of all ops that a
// sequential specification (checker/models) explains and that agrees with real
// time? A history that has one is linearizable.
//
// Objects are judged one by one, since a history is linearizable if and only if
// the history of each of its objects is (Herlihy and Wing 1990). Ops that failed
// did not happen and are left out; ops that crashed may have happened at any
// time after their invocation, or never.
//
// Three engines give the answer.
//
//   - Objects of a well-known data type (models.DataType) are decided exactly and in
//     nearly linear time by a method of their own, where it applies: most want that
//     no value is put in twice. See below.
//   - Everything else is searched, object after object, within the caller's
//     context and a bound of memory and of steps: a sweep through the events with
//     all configurations that are possible. A search that ends early is unknown,
//     with what it decided and what not. See search.go, sweep.go, loose.go.
//   - Porcupine decides the same where it is asked to (--engine porcupine). It is
//     the oracle of the tests.
//
// An invalid verdict names the ops that contradict each other: a method those that
// prove it, a search the smallest set of ops that we found to be illegal on its
// own, see minimise.go. What a method names is searched once more on its own; if
// that were legal then the verdict would be unknown, and name the defect.
//
// # Methods
//
// To decide whether an order exists is hard in general, because many orders have to
// be tried. It is easy where the values tell who observed whom (Gibbons and Korach
// 1997), for then the question is only whether what must come before what goes
// round in a circle, and for each of these data types the circles have few forms:
//
//   - Registers, compare-and-set included: the ops on one value form a block, since
//     the register cannot return to a value that was written once. Blocks can be put
//     in a row if no two of them must each come before the other. register.go,
//     blocks.go.
//   - Locks that only their holder releases: the same blocks, from acquire to
//     release; fencing tokens say in which order. holds.go.
//   - Queues, bags, stacks, priority queues: an element is surely inside from the
//     completion of its put to the invocation of its take. All that can go wrong is
//     that something else cannot have happened during such times: to find a bag
//     empty, to take a larger element from a priority queue, to lie below others in
//     a stack. container.go, vanished.go, priority.go, stack.go.
//   - Logs, sets that grow, max-registers and test-and-sets without a reset: what
//     was read puts the ops in ranks, and no op may complete before one of a lower
//     rank was invoked. ranks.go, log.go, growing.go, maxregister.go, flag.go.
//   - Sets with add, remove and contains: each element is an object with three
//     possible stories, which are all tried. set.go.
//   - Mutexes that anybody releases, semaphores, and counters to which all add the
//     same: ops are alike but for their times, so what is done as late as can be,
//     the one that ends first before the others, is done right. permits.go,
//     counter.go.
//   - Generators of unique ids: ids.go.
//
// An op that crashed and whose effect nobody observed is left out. One whose effect
// was observed happened, and ends never. Of a crashed dequeue nobody knows what it
// took: of queues and bags it is found out whether there are enough of them, see
// vanished.go; those of stacks and priority queues are left to the search, unless
// they make no difference. Locks with leases have no method and no model: a lease
// ends by a clock, and an order of ops says nothing of clocks. They are judged by
// their times, in checker/check/locks.
//
// Reading order: linear.go, ops.go; register.go, numbering.go, blocks.go,
// explain.go; method.go, timeline.go and the methods; search.go, problem.go,
// configs.go, sweep.go, loose.go, porcupine.go, minimise.go, witness.go.
package linear
