{ 'target_defaults': { 'type': 'loadable_module' } }
