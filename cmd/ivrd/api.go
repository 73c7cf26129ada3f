package main

import (
	"fmt"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/spf13/cobra"
)

func apiCommand() *cobra.Command {
	var stubs, backends bool
	cmd := &cobra.Command{
		Use:   "api [NAME]",
		Short: "What a flow can call: the reference, or stubs for an editor",
		Example: `  ivrd api call:ask       one function
  ivrd api > api.md       the whole reference
  ivrd api --backends     what works over FastAGI, ARI and in the simulator
  ivrd api --stubs > ivrd.d.lua`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api := luaapi.API()
			sayWhere(api)
			switch {
			case (stubs || backends) && len(args) > 0:
				return usageError{fmt.Errorf("there is no use for %q: that is about everything", args[0])}
			case backends:
				return writeAbilities(cmd.OutOrStdout(), api)
			case stubs:
				return api.Stubs(cmd.OutOrStdout())
			case len(args) == 0:
				return api.Reference(cmd.OutOrStdout())
			}
			return help(cmd, api, args[0])
		},
	}
	cmd.Flags().BoolVar(&backends, "backends", false, "write the table of what works where")
	cmd.Flags().BoolVar(&stubs, "stubs", false, "write definitions for the Lua language server")
	return cmd
}

// help writes what NAME is: a function as it is called, its bare name, or a module.
func help(cmd *cobra.Command, api bind.API, name string) error {
	var names []string
	found := false
	for _, m := range api.Modules {
		if m.Name == name {
			return bind.API{Modules: []bind.ModuleAPI{m}}.Reference(cmd.OutOrStdout())
		}
		for _, f := range append(m.Fields, m.Funcs...) {
			names = append(names, f.Call, f.Name)
			if f.Call != name && f.Name != name {
				continue
			}
			found = true
			if err := f.Help(cmd.OutOrStdout()); err != nil {
				return err
			}
		}
	}
	if !found {
		return usageError{fmt.Errorf("a flow has no %s%s", name, spell.Suffix(name, names))}
	}
	return nil
}
