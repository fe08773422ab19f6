"""What citizens and agents say, in both languages; nothing depends on it."""

from typing import Final

MAILS: Final = {
    "zh-CN": (
        ("水壶漏水了", "您好，上个月买的水壶开始漏水，还在保修期内吗？怎么送修？"),
        ("发票没有收到", "你们好，订单已经到了，可是没有看到发票，请帮忙补开一张。"),
        ("想换一个颜色", "请问蓝色的台灯还有货吗？我想把白色的换成蓝色。"),
        ("送货时间", "能不能改到周六上午送货？工作日家里没有人。"),
    ),
    "en": (
        ("Kettle is leaking", "Hello, the kettle I bought last month drips from the base. Is it under warranty?"),
        ("Invoice missing", "The parcel arrived but there is no invoice in it. Could you send one?"),
        ("Wrong colour", "I ordered the blue lamp and got a white one. How do I exchange it?"),
        ("Delivery on Saturday", "Could you deliver on Saturday morning instead? Nobody is home on weekdays."),
    ),
}
QUESTIONS: Final = {
    "zh-CN": ("这款锅可以用电磁炉吗？", "我的订单到哪里了？", "积分怎么兑换？", "保修是一年还是两年？"),
    "en": (
        "Does this pan work on induction?",
        "Where is my order?",
        "How do I redeem points?",
        "Is it one year of warranty?",
    ),
}
FOLLOW_UPS: Final = {
    "zh-CN": ("好的，谢谢！", "那大概要几天？"),
    "en": ("Great, thank you!", "How many days will it take?"),
}
ANSWERS: Final = {
    "zh-CN": ("您好！我马上为您查询。", "已经为您登记，三个工作日内处理完毕。"),
    "en": ("Hello! Let me look that up for you.", "It is arranged; you will hear from us within three working days."),
}
COMPLAINTS: Final = {
    "zh-CN": ("说好三天修好，已经两个星期了还没有消息。", "客服态度很差，问题也没有解决。"),
    "en": ("You promised three days and it has been two weeks.", "Nobody called back although it was promised twice."),
}
REPLIES: Final = {
    "zh-CN": "非常抱歉给您带来不便。我们已经更换了配件并安排明天送到，运费由我们承担。",
    "en": "We are sorry. The part has been replaced and will be delivered tomorrow at our cost.",
}
