// Package sqlserver runs a PostgreSQL and a MariaDB of a test's own: private instances on free ports of loopback,
// in a temporary folder. install.sh sees to it that they are there.
package sqlserver
