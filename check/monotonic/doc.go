// Package monotonic judges numbers that only grow: a register or counter that
// clients increment and read. What a client sees must never go back, and two
// increments cannot have made the same number.
//
// inc takes nothing, or what to add, and returns the number that it made; read
// returns the number. A history with values [key value] is of many numbers.
// Without the option Realtime each process is compared with itself only: that is
// monotonic reads and read-your-writes. With it, every op is compared with all
// that had completed before it was invoked, as linearizability demands.
package monotonic
