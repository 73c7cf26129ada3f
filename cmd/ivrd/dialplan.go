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
		Long: `Prints the contexts that extensions.conf needs for what takes the dialplan's help: applications for calls over
ARI (call:exec), and over FastAGI announcements and confirmations of call:dial, and parking. Save it as
/etc/asterisk/ivrd.conf and write #include "ivrd.conf" in extensions.conf. Nobody can dial into them.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), dialplan.Conf)
			return err
		},
	}
}
