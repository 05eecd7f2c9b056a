package relational

import (
	"context"
	"database/sql"
)

// Server is where a transaction is sent, and how it begins there.
type Server struct {
	Address string
	Begin   []string // statements
}

// Dialect is what databases say differently.
type Dialect struct {
	// Open makes ready to connect to a server, and sends nothing yet.
	Open func(address string) (*sql.DB, error)
	// Route chooses the server for a transaction, anew for each.
	Route func(readsOnly bool) Server
	// OnConflict turns an INSERT whose key is there into an update of column v; what
	// follows is the value.
	OnConflict string
	// Commit commits the transaction of a connection; nil is the statement COMMIT.
	Commit func(ctx context.Context, c *sql.Conn) error
	// Uncommitted is the reason why an error of Commit says that there was no effect
	// and will be none, or "" when it does not say that.
	Uncommitted func(err error) string
}

// Only routes everything to one server.
func Only(address string, begin ...string) func(bool) Server {
	return func(bool) Server { return Server{address, begin} }
}

func (d Dialect) commit(ctx context.Context, c *sql.Conn) error {
	if d.Commit != nil {
		return d.Commit(ctx, c)
	}
	_, err := c.ExecContext(ctx, "COMMIT")
	return err
}
