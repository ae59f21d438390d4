"""Series out of tables: their order, where one ends and the next begins, and windows that stay within one."""
