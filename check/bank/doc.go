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
// Totals and signs are what a bank under snapshot isolation or more cannot get
// wrong. That they are right proves no consistency model: check/txn and
// check/linear judge orders.
package bank
