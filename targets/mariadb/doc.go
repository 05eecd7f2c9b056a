// Package mariadb puts MariaDB under test: Debian's server in a container, the driver
// go-sql-driver/mysql with nothing pooled and nothing retried.
//
// Reading order: target.go, cluster.go, errors.go.
package mariadb
