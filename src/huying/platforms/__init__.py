"""三大服务平台: service points and appointments, online services, activities, the elder canteen."""
