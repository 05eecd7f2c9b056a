// Package postgres puts PostgreSQL under test: Debian's server in a container, pgx
// with nothing pooled and nothing retried.
//
// Reading order: target.go, server.go, cluster.go, failover.go, errors.go.
package postgres
