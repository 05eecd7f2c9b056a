package relational

import (
	"context"
	"database/sql"
)

// Dialect is what databases say differently.
type Dialect struct {
	// Begin are the statements that begin a transaction at the level asked for.
	Begin []string
	// OnConflict turns an INSERT whose key is there into an update of column v; what
	// follows is the value.
	OnConflict string
	// Commit commits the transaction of a connection; nil is the statement COMMIT.
	Commit func(ctx context.Context, c *sql.Conn) error
	// Uncommitted is the reason why an error of Commit says that there was no effect
	// and will be none, or "" when it does not say that.
	Uncommitted func(err error) string
}

func (d Dialect) commit(ctx context.Context, c *sql.Conn) error {
	if d.Commit != nil {
		return d.Commit(ctx, c)
	}
	_, err := c.ExecContext(ctx, "COMMIT")
	return err
}
