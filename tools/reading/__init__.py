"""Reading a page: how its panels, lettering and order are found; knows no project and no other backend's model."""
