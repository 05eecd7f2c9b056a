// Package bank judges a bank whose clients transfer money between accounts and
// read all balances in one transaction: money is neither made nor lost, so every
// read must have the same total, and unless the bank gives credit no balance may
// be negative.
//
// The ops are Jepsen's: transfer takes {:from a :to b :amount n}, read returns a
// map of balances. Keys of JSON maps are strings, so account "3" is account 3.
// The total is that of the options, else that of the first read. Accounts are
// known if the first read has them or a transfer names them.
//
// Accounts may come and go: open {:account k :from a :amount n} makes k with n of a's, close {:account k :to b
// :amount n} removes k, which has exactly n, and moves that to b. Then an account exists if it did at first or an
// open of it has begun that did not fail, whatever transfers name. Where reads are of a recent state
// (Options.Recent), they must also have every account that was opened before, and none that was closed before.
//
// Totals and signs are what a bank under snapshot isolation or more cannot get
// wrong. That they are right proves no consistency model: check/txn and
// check/linear judge orders.
package bank
