package main

import (
	"fmt"
	"os"
	"os/user"
)

// operator is who runs the command, behind sudo too.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	who, err := user.Current()
	if err != nil {
		return fmt.Sprintf("user %d", os.Getuid())
	}
	return who.Username
}
