// Package redisserver runs Redis or Valkey servers of a test's own, on free ports of loopback, in a temporary folder.
// install.sh sees to it that there is one of the two.
package redisserver
