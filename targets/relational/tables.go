package relational

import (
	"context"
	"fmt"

	"checker/targets"
)

// The tables, each of a key k and a value v.
const (
	registers = "checker_registers"
	lists     = "checker_lists"
	elements  = "checker_elements"
	accounts  = "checker_accounts"

	interleaved = "checker_interleaved" // made anew for each interleaving, of small numbers
)

// Setup makes the tables anew, and the accounts of the bank.
func (c *Client) Setup(ctx context.Context) error {
	if err := c.Teardown(ctx); err != nil {
		return err
	}
	var statements []string
	for _, table := range []string{registers, elements, accounts} {
		statements = append(statements, "CREATE TABLE "+table+" (k BIGINT PRIMARY KEY, v BIGINT NOT NULL)")
	}
	statements = append(statements, "CREATE TABLE "+lists+" (k BIGINT PRIMARY KEY, v TEXT NOT NULL)")
	for id := range targets.BankAccounts {
		statements = append(statements, fmt.Sprintf("INSERT INTO %s (k, v) VALUES (%d, %d)", accounts, id, targets.BankBalance))
	}
	return c.execAll(ctx, statements)
}

// Teardown drops the tables.
func (c *Client) Teardown(ctx context.Context) error {
	var statements []string
	for _, table := range []string{registers, elements, accounts, lists, interleaved} {
		statements = append(statements, "DROP TABLE IF EXISTS "+table)
	}
	return c.execAll(ctx, statements)
}

// execAll executes statements, each a transaction.
func (c *Client) execAll(ctx context.Context, statements []string) error {
	l, err := c.connect(ctx, c.dialect.Route(false).Address)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := l.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
