"""Self-made articles after a real pattern: one outlet's report, another one's copy with a rewritten lead and its own ending."""

FIRST = """SARDAN — Engineers reopened the southern sluice of the Sardan dam on Tuesday (May 12) after eleven days of repair, the water directorate of the province said, and the level of the lake began to fall before noon.
The gate had jammed half open when driftwood from the spring flood broke the lower guide rail, and two villages below the dam were told to keep their livestock off the meadows.
“We had divers in the water for nine nights, and at no time was the wall itself in danger,” said Hiwa Rostam, who heads the directorate's works department, at a press conference on the crest of the dam.
Farmers in Kani Shin, the larger of the two villages, said they lost some forty hectares of barley that stood under water for a week.
The province will pay for seed, Rostam said, while compensation for the harvest has to be decided in the capital.
Built in 1978, the Sardan dam holds 340 million cubic metres and supplies three towns with drinking water."""

COPY = """Work on the jammed gate of the Sardan dam is over and water is flowing again, officials announced this week.
The gate had jammed half open when driftwood from the spring flood broke the lower guide rail, and two villages below the dam were told to keep their livestock off the meadows.
The province will pay for seed, Rostam said, while compensation for the harvest has to be decided in the capital.
“We had divers in the water for nine nights, and at no time was the wall itself in danger,” said Hiwa Rostam, who heads the works department of the directorate, at a press conference on the crest of the dam.
Farmers in Kani Shin, the larger of the two villages, said they lost some forty hectares of barley that stood under water for a week.
The lake is a popular place for picnics in early summer."""

SORANI = """ئەندازیاران ڕۆژی سێشەممە دەروازەی باشووری بەنداوی سەردانیان کردەوە، دوای یازدە ڕۆژ چاککردنەوە.
دەروازەکە بەهۆی لافاوی بەهارەوە گیرابوو و دانیشتوانی دوو گوند ئاگادار کرابوونەوە.
بەپێوەبەرایەتیی ئاو دەڵێت بەنداوەکە لە هیچ کاتێکدا لە مەترسیدا نەبووە."""

SORANI_COPY = """ئەندازیاران ڕۆژی چوارشەممە دەروازەی باشووری بەنداوی سەردانیان کردەوە، دوای یازدە ڕۆژ چاککردنەوە.
بەپێوەبەرایەتیی ئاو دەڵێت بەنداوەکە لە هیچ کاتێکدا لە مەترسیدا نەبووە."""

CHINESE = """工程师周二重新打开了萨尔丹大坝的南闸门,省水利局表示维修工作历时十一天。
春季洪水带来的漂木损坏了下部导轨,闸门因此卡住。
两个村庄的居民被要求不要在草地上放牧。"""

CHINESE_COPY = """工程师周三重新打开了萨尔丹大坝的南闸门,省水利局表示维修工作历时十二天。
春季洪水带来的漂木损坏了下部导轨,闸门因此卡住。
两个村庄的居民被要求不要在草地上放牧。"""
