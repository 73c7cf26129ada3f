package main

import (
	"io"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/spf13/cobra"
)

func dialplanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dialplan",
		Short: "Print ivrd's part of the dialplan",
		Long: `Prints the context that extensions.conf needs so that flows which come in over Stasis() can run dialplan
applications (call:exec). Save it as /etc/asterisk/ivrd.conf and write #include "ivrd.conf" in extensions.conf.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), dialplan.Conf)
			return err
		},
	}
}
