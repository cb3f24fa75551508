def programs(driver):
    return {}
